package postgres

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Conn is a session of the role that irctl signs in as. It is for one
// goroutine.
type Conn struct {
	server.Server
	newsecret.Passwords
	config Config
	from   *host.Host
	db     *pgx.Conn
}

// connectTime bounds one sign-in.
const connectTime = 20 * time.Second

// Connect signs in as the target's admin.
func Connect(ctx context.Context, req action.Request) (*Conn, error) {
	conf, from, err := host.Reach(req, func(c Config) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	c := &Conn{Server: conf.server(), Passwords: conf.Passwords, config: conf, from: from}
	if c.db, err = c.signIn(ctx, conf.Admin, conf.Password); err != nil {
		from.Close()
		return nil, c.Unreachable(err)
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
	at, number := c.config.endpoint()
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%s is not a port", number)
	}
	conf, err := pgx.ParseConfig("host=127.0.0.1 port=1 user=irctl database=postgres sslmode=disable passfile=/dev/null servicefile=/dev/null target_session_attrs=any")
	if err != nil {
		return nil, err
	}
	conf.Host, conf.Port, conf.Database, conf.User, conf.Password = at, uint16(port), c.config.Database, role, password.Reveal()
	conf.Fallbacks, conf.ConnectTimeout = nil, connectTime
	conf.RuntimeParams = map[string]string{"application_name": "irctl"}
	conf.LookupFunc = func(_ context.Context, name string) ([]string, error) { return []string{name}, nil } // the host that dials knows names
	conf.Tracer = told{c.Name}
	conf.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		return c.from.DialContext(ctx, network, address)
	}
	if e := c.config.Encryption; e.TLS {
		if conf.TLSConfig, err = host.TLS(at, e.CAFile); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, conf)
}

// Accepts signs in as a role. One that may not log in is refused.
func (c *Conn) Accepts(ctx context.Context, account string, password action.Secret) (bool, error) {
	db, err := c.signIn(ctx, account, password)
	if err == nil {
		_ = db.Close(ctx)
		return true, nil
	}
	switch c.Judge(err) {
	case server.None:
		return false, c.Unreachable(err)
	case server.NoSignIn:
		return false, nil
	}
	// Something else is in the way, such as a limit of sessions.
	return false, c.Problem("could not sign in as "+action.CleanLine(account, 60)+" to see", err)
}
