package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// callTimeout bounds each request; ctx may end it earlier.
const callTimeout = 30 * time.Second

// Conn is a connection that has signed in. It is for one goroutine. It ends
// with the context it was made with.
type Conn struct {
	settings
	ldap told
	from *host.Host // whence it was dialled
	stop func() bool
}

// Connect signs in to the directory that a request's target names.
func Connect(ctx context.Context, req action.Request) (*Conn, error) {
	s, err := read(req)
	if err != nil {
		return nil, err
	}
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.ldap.Bind(s.BindDN, s.Password.Reveal()); err != nil {
		c.Close()
		p := problem("could not sign in to "+s.String()+" as "+s.BindDN, err, s.Password)
		if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject) {
			p.Hint, p.Permanent = "check bind_dn and the secret behind bind_password", true
		}
		return nil, p
	}
	return c, nil
}

// Close ends the connection.
func (c *Conn) Close() {
	c.stop()
	_ = c.ldap.Close()
	c.from.Close()
}

func (s settings) dial(ctx context.Context) (*Conn, error) {
	conf, err := host.TLS(s.url.Hostname(), s.CAFile)
	if err != nil {
		return nil, err
	}
	from, err := host.Open(s.Via, s.req.Allow)
	if err != nil {
		return nil, err
	}
	raw, err := s.connect(ctx, from, conf)
	if err != nil {
		from.Close()
		return nil, unreachable(s, err)
	}
	l := ldap.NewConn(raw, s.url.Scheme == "ldaps")
	l.Start()
	c := &Conn{settings: s, ldap: told{l, ctx, s.String()}, from: from, stop: context.AfterFunc(ctx, func() { _ = l.Close() })}
	l.SetTimeout(callTimeout)
	if s.StartTLS {
		if err := l.StartTLS(conf); err != nil {
			c.Close()
			// go-ldap keeps the reason as a text alone.
			return nil, &action.Error{
				Message: s.String() + " was reached, but not encrypted with StartTLS, so nothing was changed",
				Hint:    "check that the directory offers StartTLS, and that ca_file names the authority that signed its certificate",
				Cause:   err,
			}
		}
	}
	return c, nil
}

// connect opens the connection itself, because go-ldap would not end it with
// ctx.
func (s settings) connect(ctx context.Context, from *host.Host, conf *tls.Config) (net.Conn, error) {
	port := s.url.Port()
	if port == "" {
		port = ldap.DefaultLdapPort
		if s.url.Scheme == "ldaps" {
			port = ldap.DefaultLdapsPort
		}
	}
	raw, err := from.DialContext(ctx, "tcp", net.JoinHostPort(s.url.Hostname(), port))
	if err != nil || s.url.Scheme != "ldaps" {
		return raw, err
	}
	secure := tls.Client(raw, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return secure, nil
}

func unreachable(s settings, cause error) error {
	e := &action.Error{Message: s.String() + " cannot be reached, so nothing was changed", Hint: "check the address and the network, then retry", Cause: cause}
	var refused *action.Error
	var untrusted *tls.CertificateVerificationError
	var lost net.Error
	switch {
	case errors.As(cause, &refused): // by the network policy
		e.Hint, e.Permanent = refused.Hint, refused.Permanent
	case errors.As(cause, &untrusted):
		e.Hint, e.Permanent = "name the authority that signed the directory's certificate with ca_file, or correct the host in url", true
	case errors.As(cause, &lost) && lost.Timeout():
		e.Hint = "the directory did not answer in time; check the network, then retry"
	}
	return e
}
