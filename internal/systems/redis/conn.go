package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	redis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Conn is a connection of the user that irctl signs in as.
type Conn struct {
	server.Server
	newsecret.Passwords
	config Config
	from   *host.Host
	db     *redis.Client
}

// answerTime bounds one request.
const answerTime = 20 * time.Second

// Connect signs in as the target's admin.
func Connect(ctx context.Context, req action.Request) (*Conn, error) {
	conf, from, err := host.Reach(req, func(c Config) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	c := &Conn{Server: conf.server(), Passwords: conf.Passwords, config: conf, from: from}
	if c.db, err = c.client(conf.Admin, conf.Password); err == nil {
		if err = c.db.Ping(ctx).Err(); err == nil {
			return c, nil
		}
		_ = c.db.Close()
	}
	from.Close()
	return nil, c.Unreachable(err)
}

// Close ends the connection.
func (c *Conn) Close() {
	_ = c.db.Close()
	c.from.Close()
}

// client is one connection of any user, which is opened at its first request.
// It never tries again by itself: after a lost answer irctl looks first.
func (c *Conn) client(user string, password action.Secret) (*redis.Client, error) {
	at, _ := c.config.place()
	var secure *tls.Config
	if e := c.config.Encryption; e.TLS {
		var err error
		if secure, err = host.TLS(at.Host, e.CAFile); err != nil {
			return nil, err
		}
	}
	o := &redis.Options{
		Network: at.Network, Addr: at.Address, Protocol: 2, DisableIdentity: true,
		MaxRetries: -1, DialerRetries: 1, PoolSize: 1, ContextTimeoutEnabled: true,
		DialTimeout: answerTime, ReadTimeout: answerTime, WriteTimeout: answerTime,
		Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
			raw, err := c.from.DialContext(ctx, network, address)
			if err != nil || secure == nil {
				return raw, err
			}
			conn := tls.Client(raw, secure)
			if err := conn.HandshakeContext(ctx); err != nil {
				_ = raw.Close()
				return nil, err
			}
			return conn, nil
		},
	}
	if !password.IsZero() {
		o.Username, o.Password = user, password.Reveal()
	}
	logging.Disable() // of the whole library, which writes to standard error
	db := redis.NewClient(o)
	db.AddHook(told{c.Name})
	return db, nil
}

// Accepts signs in as a user. One that is off is refused.
func (c *Conn) Accepts(ctx context.Context, account string, password action.Secret) (bool, error) {
	db, err := c.client(account, password)
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }()
	err = db.Ping(ctx).Err()
	switch {
	case err == nil || answered(err, "NOPERM"): // it is in, and may not even ping
		return true, nil
	case answered(err, "WRONGPASS"):
		return false, nil
	}
	return false, c.Unreachable(err)
}

// answered reports whether the server's answer is an error of this kind: its
// first word says which (the protocol's specification, "Simple errors").
func answered(err error, kind string) bool {
	var said redis.Error
	return errors.As(err, &said) && strings.HasPrefix(said.Error(), kind+" ")
}
