package postgres

import (
	"net"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type postgres. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "postgres",
		Summary: "the roles of a PostgreSQL server (10 or later)",
		Fields: append([]action.Field{
			{Name: "address", Type: action.String, Default: "127.0.0.1:5432", Description: "Where the server is: host:port, or the folder of its socket.", Example: "db.example.com:5432"},
			{Name: "database", Type: action.String, Default: "postgres", Description: "The database that is signed in to, by irctl and by the account whose password is tried."},
			{Name: "admin", Type: action.String, Required: true, Description: "The role that irctl signs in as: a superuser, or one with CREATEROLE that is a member of pg_signal_backend.", Example: "irctl"},
			{Name: "admin_password", Type: action.String, Secret: true, Description: "The password of admin; without it the server has to trust the connection otherwise, as over a socket.", Example: "{secret: POSTGRES_PASSWORD}"},
			{Name: "old_password", Type: action.String, Secret: true, Description: "The account's password until now, where it is known: a rotation then tries that it is refused.", Example: "{secret: PORTAL_DATABASE_PASSWORD}"},
			newsecret.Field(),
			host.Via(),
		}, host.Encryption()...),
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
		Check: func(config action.Values) []action.Problem {
			if problems := append(host.CheckVia(config), newsecret.Check(config)...); len(problems) > 0 {
				return problems
			}
			_, p := read(config)
			return p
		},
		Undo: undo,
	}
}

// settings are a target's config after the checks that need no network.
type settings struct {
	network, host, port string // network is unix for the folder of a socket
	database, admin     string
	password            action.Secret
	tls                 bool
	caFile              string
}

func read(c action.Values) (settings, []action.Problem) {
	s := settings{
		network: "tcp", database: c.String("database"), admin: c.String("admin"), password: c.Secret("admin_password"),
		tls: c.Bool("tls"), caFile: c.String("ca_file"),
	}
	address := c.String("address")
	if strings.HasPrefix(address, "/") {
		s.network, s.host, s.port = "unix", address, "5432"
		if s.tls {
			return s, []action.Problem{{Input: "tls", Message: "does not go with a socket", Hint: "remove it: what goes over a socket stays on the machine"}}
		}
		return s, nil
	}
	var err error
	if s.host, s.port, err = net.SplitHostPort(address); err != nil || s.host == "" {
		return s, []action.Problem{{Input: "address", Message: "is neither host:port nor the folder of a socket", Hint: "write it as in db.example.com:5432 or /var/run/postgresql"}}
	}
	if !s.tls && !c.Bool("plaintext") && !host.IsLoopback(s.host) {
		return s, []action.Problem{{Input: "address", Message: "is another machine, and the connection is not encrypted", Hint: "set tls, or permit it with plaintext: true"}}
	}
	return s, nil
}

// String says where the server is, without who signs in.
func (s settings) String() string {
	if s.network == "unix" {
		return "PostgreSQL in " + action.CleanLine(s.host, 120)
	}
	return "PostgreSQL at " + action.CleanLine(net.JoinHostPort(s.host, s.port), 120)
}
