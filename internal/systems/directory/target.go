// Package directory drives an LDAP directory (RFC 4511): [Connect] signs in as
// the target says, [Conn.Find] finds the one entry of an account, and
// [Conn.SetCredential], [Conn.SetLock] change it; [Conn.Unlocked] says why a lock may
// have no effect. [Conn.Try] asks whether a password
// is accepted. No password is ever part of an error.
//
// What an Active Directory does differently is in here, so that an action
// treats both alike: an account is disabled by a bit, passwords are written to
// an attribute of their own, and refusals to sign in say more.
//
// Files, in reading order: target.go, active.go (the target type of an Active
// Directory), conn.go, told.go, answer.go, account.go, control.go, password.go,
// policy.go (whether a lock counts, and may be written), domain.go, kerberos.go, problem.go.
package directory

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type ldap. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[inLDAP](action.TargetType{
		Name:    "ldap",
		Service: true,
		Summary: "an LDAP directory such as OpenLDAP or 389 Directory Server",
		Example: `directory:
  type: ldap
  owner: identity@example.com
  fallback: Call the identity team and have them reset the password by hand.
  config:
    url: ldaps://ldap.example.com
    bind_dn: cn=irctl,ou=services,dc=example,dc=com
    bind_password: {secret: LDAP_PASSWORD}
    base_dn: ou=people,dc=example,dc=com
`,
		Undo: undo,
	})
}

// Config is a target's config, whichever of the two types it is of.
type Config struct {
	URL, BindDN, BaseDN, Filter, CAFile string // CAFile is on this machine
	Password                            action.Secret
	StartTLS, Plaintext                 bool
	LockAttr, LockValue, Policy         string
	Krbtgt                              bool
	New                                 newsecret.Policy
	Via                                 host.Via
	active                              bool // an Active Directory
}

type inLDAP struct{ Config }

// Fields implements config.Config.
func (c *inLDAP) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.URL, action.Field{Name: "url", Required: true, Pattern: `ldaps?://.+`, Description: "Where the directory is.", Example: "ldaps://ldap.example.com"}),
		config.Into(&c.BindDN, action.Field{Name: "bind_dn", Required: true, Description: "Who irctl signs in as.", Example: "cn=irctl,ou=services,dc=example,dc=com"}),
		config.Into(&c.Password, action.Field{Name: "bind_password", Required: true, Description: "The password of bind_dn.", Example: "{secret: LDAP_PASSWORD}"}),
		config.Into(&c.BaseDN, action.Field{Name: "base_dn", Required: true, Description: "Below which entry accounts are looked for.", Example: "ou=people,dc=example,dc=com"}),
		config.Into(&c.Filter, action.Field{Name: "user_filter", Default: "(uid={account})", Description: "The filter that finds exactly one account (RFC 4515); {account} is replaced, escaped.", Example: "(&(objectClass=person)(uid={account}))"}),
		config.Into(&c.StartTLS, action.Field{Name: "start_tls", Default: false, Description: "Encrypt an ldap:// connection before signing in (RFC 4511 section 4.14)."}),
		config.Into(&c.CAFile, action.Field{Name: "ca_file", Path: true, Description: "The certificate authority that signed the directory's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"}),
		config.Into(&c.Plaintext, action.Field{Name: "plaintext", Default: false, Description: "Permit passwords to travel unencrypted to another machine. Unencrypted loopback needs no permission."}),
		config.Into(&c.LockAttr, action.Field{Name: "lock_attribute", Default: "pwdAccountLockedTime", Description: "The attribute that disables an account."}),
		config.Into(&c.LockValue, action.Field{Name: "lock_value", Default: "000001010000Z", Description: "The value that disables an account for good."}),
		config.Into(&c.Policy, action.Field{Name: "default_policy", Description: "The entry that the directory's ppolicy overlay has as ppolicy_default, for entries without pwdPolicySubentry. irctl looks there whether accounts are locked at all (pwdLockout); without it irctl looks in cn=config, which few may read.", Example: "cn=default,ou=policies,dc=example,dc=com"}),
		c.New.Field(),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	u, err := url.Parse(c.URL)
	message, hint := "", ""
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "ldap" && u.Scheme != "ldaps"):
		message, hint = "url is not an address of a directory", "write ldaps://HOST or ldap://HOST"
	case c.active && u.Scheme == "ldap" && !c.StartTLS:
		message, hint = "an Active Directory takes passwords encrypted only", "use ldaps://, or set start_tls"
	case u.Scheme == "ldap" && !c.StartTLS && !c.Plaintext && !host.IsLoopback(u.Hostname()):
		message, hint = "passwords would travel unencrypted", "use ldaps://, or set start_tls, or permit it with plaintext: true"
	case u.Scheme == "ldaps" && c.StartTLS:
		message, hint = "start_tls does not go with ldaps://", "remove one of the two"
	case !strings.Contains(c.Filter, "{account}"):
		message, hint = "user_filter does not use {account}", "write it as in (uid={account})"
	case c.Password.IsZero():
		// An empty password would sign in anonymously (RFC 4513 section 5.1.2).
		message, hint = "bind_password is empty", "give the secret a value"
	default:
		if _, err := ldap.CompileFilter(c.filterFor("someone")); err == nil {
			return nil
		}
		message, hint = "user_filter is not a filter", "write it as in (uid={account})"
	}
	return []action.Problem{{Input: "url", Message: message, Hint: hint}}
}

// MayRotate reports whether the target permits other keys for krbtgt.
func MayRotate(req action.Request) bool {
	s, err := read(req)
	return err == nil && s.Krbtgt
}

// settings are a target's config and who may be reached.
type settings struct {
	Config
	url *url.URL
	req action.Request
}

// Allow is what the network policy permits.
func (s settings) Allow() action.Allow { return s.req.Allow }

func read(req action.Request) (settings, error) {
	c, err := config.Read[inLDAP](req.Target)
	if req.Target.Type == ActiveType {
		var a inActive
		a, err = config.Read[inActive](req.Target)
		c.Config = a.Config
	}
	if err != nil {
		return settings{}, err
	}
	u, err := url.Parse(c.URL)
	return settings{c.Config, u, req}, err
}

func (c *Config) filterFor(account string) string {
	f := strings.ReplaceAll(c.Filter, "{account}", ldap.EscapeFilter(account))
	if !strings.HasPrefix(f, "(") {
		f = "(" + f + ")"
	}
	return f
}

// String says where the directory is, without who signs in.
func (s settings) String() string { return fmt.Sprintf("the directory at %s", s.url.Host) }
