package redis

import (
	"errors"
	"slices"

	redis "github.com/redis/go-redis/v9"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type redis. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "redis",
		Service: true,
		Summary: "the users of a Redis server (6.2 or later) or Valkey",
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
		Undo: undo,
	})
}

// Config is a target's config.
type Config struct {
	Address, Admin string
	Password       action.Secret // of admin
	Passwords      newsecret.Passwords
	Via            host.Via
	Encryption     host.Encryption
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Address, action.Field{Name: "address", Default: "127.0.0.1:6379", Description: "Where the server is: host:port, or the path of its socket.", Example: "cache.example.com:6379"}),
		config.Into(&c.Admin, action.Field{Name: "admin", Default: "default", Description: "The user that irctl signs in as; it needs acl, client, config|get, config|rewrite and info.", Example: "irctl"}),
		config.Into(&c.Password, action.Field{Name: "admin_password", Description: "The password of admin; without it irctl does not sign in, as servers without passwords permit.", Example: "{secret: REDIS_PASSWORD}"}),
	}, slices.Concat(c.Passwords.Fields("PORTAL_CACHE_PASSWORD"), config.Fields{c.Via.Field()}, c.Encryption.Fields())...)
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	_, problems := c.place()
	return problems
}

func (c *Config) place() (server.Place, []action.Problem) {
	return server.Locate(c.Address, "the path of a socket", "cache.example.com:6379 or /run/redis/redis.sock", c.Encryption)
}

// server names the server in errors.
func (c *Config) server() server.Server {
	return server.Server{
		Name: "Redis at " + action.CleanLine(c.Address, 120), Admin: c.Admin, Judge: judge,
		SignIn: "check admin and the secret behind admin_password, and that the user may use ping",
	}
}

// judge goes by the first word of an error.
func judge(err error) server.Answer {
	var said redis.Error
	switch {
	case answered(err, "WRONGPASS"), answered(err, "NOAUTH"):
		return server.NoSignIn
	case answered(err, "NOPERM"):
		return server.NoRight
	case errors.As(err, &said):
		return server.Other
	}
	return server.None
}
