package redis

import (
	"net"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type redis. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "redis",
		Summary: "the users of a Redis server (6.2 or later) or Valkey",
		Fields: append([]action.Field{
			{Name: "address", Type: action.String, Default: "127.0.0.1:6379", Description: "Where the server is: host:port, or the path of its socket.", Example: "cache.example.com:6379"},
			{Name: "admin", Type: action.String, Default: "default", Description: "The user that irctl signs in as; it needs acl, client, config|get, config|rewrite and info.", Example: "irctl"},
			{Name: "admin_password", Type: action.String, Secret: true, Description: "The password of admin; without it irctl does not sign in, as servers without passwords permit.", Example: "{secret: REDIS_PASSWORD}"},
			{Name: "old_password", Type: action.String, Secret: true, Description: "The account's password until now, where it is known: a rotation then tries that it is refused.", Example: "{secret: PORTAL_CACHE_PASSWORD}"},
			newsecret.Field(),
			host.Via(),
		}, host.Encryption()...),
		Example: `portal-cache:
  type: redis
  owner: platform@example.com
  fallback: Call the platform team and have them replace the password by hand.
  config:
    address: cache.example.com:6379
    admin: irctl
    admin_password: {secret: REDIS_PASSWORD}
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
	network, address, server string // network is unix for a socket
	admin                    string
	password                 action.Secret
	tls                      bool
	caFile                   string
}

func read(c action.Values) (settings, []action.Problem) {
	s := settings{
		network: "tcp", address: c.String("address"), admin: c.String("admin"), password: c.Secret("admin_password"),
		tls: c.Bool("tls"), caFile: c.String("ca_file"),
	}
	if len(s.address) > 0 && s.address[0] == '/' {
		s.network = "unix"
		return s, nil
	}
	var err error
	if s.server, _, err = net.SplitHostPort(s.address); err != nil || s.server == "" {
		return s, []action.Problem{{Input: "address", Message: "is neither host:port nor the path of a socket", Hint: "write it as in cache.example.com:6379 or /run/redis/redis.sock"}}
	}
	if !s.tls && !c.Bool("plaintext") && !host.IsLoopback(s.server) {
		return s, []action.Problem{{Input: "address", Message: "is another machine, and the connection is not encrypted", Hint: "set tls, or permit it with plaintext: true"}}
	}
	return s, nil
}

// String says where the server is, without who signs in.
func (s settings) String() string { return "Redis at " + action.CleanLine(s.address, 120) }
