package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Conn is a session of the role that irctl signs in as. It is for one
// goroutine.
type Conn struct {
	settings
	from *host.Host
	db   *pgx.Conn
}

// connectTime bounds one sign-in.
const connectTime = 20 * time.Second

// Connect signs in as the target's admin.
func Connect(ctx context.Context, req action.Request) (*Conn, error) {
	s, problems := read(req.Target.Config)
	if len(problems) > 0 {
		return nil, action.ConfigError(req.Target.Name, problems[0])
	}
	from, err := host.Of(req)
	if err != nil {
		return nil, err
	}
	c := &Conn{settings: s, from: from}
	if c.db, err = c.signIn(ctx, s.admin, s.password); err != nil {
		from.Close()
		return nil, s.unreachable(err)
	}
	return c, nil
}

// Close ends the session.
func (c *Conn) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	_ = c.db.Close(ctx)
	c.from.Close()
}

// signIn opens a session of any role. Nothing that libpq would read from
// variables and files of irctl's user takes part.
func (c *Conn) signIn(ctx context.Context, role string, password action.Secret) (*pgx.Conn, error) {
	port, err := strconv.ParseUint(c.port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%s is not a port", c.port)
	}
	conf, err := pgx.ParseConfig("host=127.0.0.1 port=1 user=irctl database=postgres sslmode=disable passfile=/dev/null servicefile=/dev/null target_session_attrs=any")
	if err != nil {
		return nil, err
	}
	conf.Host, conf.Port, conf.Database, conf.User, conf.Password = c.host, uint16(port), c.database, role, password.Reveal()
	conf.Fallbacks, conf.ConnectTimeout = nil, connectTime
	conf.RuntimeParams = map[string]string{"application_name": "irctl"}
	conf.LookupFunc = func(_ context.Context, name string) ([]string, error) { return []string{name}, nil } // the host that dials knows names
	conf.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return c.from.DialContext(ctx, network, address)
	}
	if c.tls {
		if conf.TLSConfig, err = host.TLS(c.host, c.caFile); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, conf)
}

// The codes of errors by which something is decided (PostgreSQL, appendix A).
const (
	wrongPassword = "28P01"
	mayNotSignIn  = "28000" // also: no line of pg_hba.conf permits it
	undefinedRole = "42704"
	noPrivilege   = "42501"
)

// Accepts signs in as a role. One that may not log in is refused.
func (c *Conn) Accepts(ctx context.Context, account string, password action.Secret) (bool, error) {
	db, err := c.signIn(ctx, account, password)
	var refused *pgconn.PgError
	switch {
	case err == nil:
		_ = db.Close(ctx)
		return true, nil
	case !errors.As(err, &refused):
		return false, c.unreachable(err)
	case refused.Code == wrongPassword || refused.Code == mayNotSignIn:
		return false, nil
	}
	// Something else is in the way, such as a limit of sessions.
	return false, c.problem("could not sign in as "+action.CleanLine(account, 60)+" to see", err)
}
