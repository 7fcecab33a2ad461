package postgres

import (
	"errors"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type postgres. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "postgres",
		Service: true,
		Summary: "the roles of a PostgreSQL server (10 or later)",
		Example: `portal-database:
  type: postgres
  owner: database@example.com
  fallback: Call the database team and have them replace the password by hand.
  config:
    address: db.example.com:5432
    admin: irctl
    admin_password: {secret: POSTGRES_PASSWORD}
    tls: true
`,
		Undo: undo,
	})
}

// Config is a target's config.
type Config struct {
	Address, Database, Admin string
	Password                 action.Secret // of admin
	Passwords                newsecret.Passwords
	Via                      host.Via
	Encryption               host.Encryption
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Address, action.Field{Name: "address", Default: "127.0.0.1:5432", Description: "Where the server is: host:port, or the folder of its socket.", Example: "db.example.com:5432"}),
		config.Into(&c.Database, action.Field{Name: "database", Default: "postgres", Description: "The database that is signed in to, by irctl and by the account whose password is tried."}),
		config.Into(&c.Admin, action.Field{Name: "admin", Required: true, Description: "The role that irctl signs in as: a superuser, or one with CREATEROLE that is a member of pg_signal_backend.", Example: "irctl"}),
		config.Into(&c.Password, action.Field{Name: "admin_password", Description: "The password of admin; without it the server has to trust the connection otherwise, as over a socket.", Example: "{secret: POSTGRES_PASSWORD}"}),
	}, slices.Concat(c.Passwords.Fields("PORTAL_DATABASE_PASSWORD"), config.Fields{c.Via.Field()}, c.Encryption.Fields())...)
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	at, problems := c.place()
	if at.Network == "unix" && c.Encryption.TLS {
		return []action.Problem{{Input: "tls", Message: "does not go with a socket", Hint: "remove it: what goes over a socket stays on the machine"}}
	}
	return problems
}

func (c *Config) place() (server.Place, []action.Problem) {
	return server.Locate(c.Address, "the folder of a socket", "db.example.com:5432 or /var/run/postgresql", c.Encryption)
}

// endpoint is where pgx connects to: the folder of a socket or a host, and the
// port.
func (c *Config) endpoint() (host, port string) {
	if at, _ := c.place(); at.Network == "unix" {
		return at.Address, "5432"
	}
	host, port, _ = net.SplitHostPort(c.Address)
	return host, port
}

// server names the server in errors.
func (c *Config) server() server.Server {
	name := "PostgreSQL at " + action.CleanLine(c.Address, 120)
	if at, _ := c.place(); at.Network == "unix" {
		name = "PostgreSQL in " + action.CleanLine(c.Address, 120)
	}
	return server.Server{
		Name: name, Admin: c.Admin, Judge: judge,
		SignIn: "check admin, the secret behind admin_password, and what pg_hba.conf permits from here",
	}
}

// judge goes by the codes of PostgreSQL, appendix A.
func judge(err error) server.Answer {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return server.None
	}
	switch refused.Code {
	case "28P01", "28000": // a wrong password; no right to log in, also by pg_hba.conf
		return server.NoSignIn
	case "42501":
		return server.NoRight
	case "42704":
		return server.NoAccount
	}
	return server.Other
}
