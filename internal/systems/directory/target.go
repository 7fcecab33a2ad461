// Package directory drives an LDAP directory (RFC 4511): [Connect] signs in as
// the target says, [Conn.Find] finds the one entry of an account, and
// [Conn.SetPassword], [Conn.Lock] change it. [Try] asks whether a password
// is accepted. No password is ever part of an error.
//
// What an Active Directory does differently is in here, so that an action
// treats both alike: an account is disabled by a bit, passwords are written to
// an attribute of their own, and refusals to sign in say more.
//
// Files, in reading order: target.go, active.go (the target type of an Active
// Directory), conn.go, answer.go, account.go, control.go, password.go,
// domain.go, problem.go.
package directory

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type ldap. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "ldap",
		Summary: "an LDAP directory such as OpenLDAP or 389 Directory Server",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Required: true, Pattern: `ldaps?://.+`, Description: "Where the directory is.", Example: "ldaps://ldap.example.com"},
			{Name: "bind_dn", Type: action.String, Required: true, Description: "Who irctl signs in as.", Example: "cn=irctl,ou=services,dc=example,dc=com"},
			{Name: "bind_password", Type: action.String, Required: true, Secret: true, Description: "The password of bind_dn.", Example: "{secret: LDAP_PASSWORD}"},
			{Name: "base_dn", Type: action.String, Required: true, Description: "Below which entry accounts are looked for.", Example: "ou=people,dc=example,dc=com"},
			{Name: "user_filter", Type: action.String, Default: "(uid={account})", Description: "The filter that finds exactly one account (RFC 4515); {account} is replaced, escaped.", Example: "(&(objectClass=person)(uid={account}))"},
			{Name: "start_tls", Type: action.Bool, Default: false, Description: "Encrypt an ldap:// connection before signing in (RFC 4511 section 4.14)."},
			{Name: "ca_file", Type: action.String, Path: true, Description: "The certificate authority that signed the directory's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"},
			{Name: "plaintext", Type: action.Bool, Default: false, Description: "Permit passwords to travel unencrypted to another machine. Unencrypted loopback needs no permission."},
			{Name: "lock_attribute", Type: action.String, Default: "pwdAccountLockedTime", Description: "The attribute that disables an account."},
			{Name: "lock_value", Type: action.String, Default: "000001010000Z", Description: "The value that disables an account for good."},
			newsecret.Field(),
			host.ViaField(),
		},
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
		Check: func(config action.Values) []action.Problem {
			if problems := append(host.CheckVia(config), newsecret.Check(config)...); len(problems) > 0 {
				return problems
			}
			return checkAddress(action.Target{Name: "directory", Config: config})
		},
		Undo: undo,
	}
}

func checkAddress(t action.Target) []action.Problem {
	_, err := read(t)
	var e *action.Error
	if errors.As(err, &e) {
		return []action.Problem{{Input: "url", Message: strings.TrimPrefix(e.Message, "target "+t.Name+": "), Hint: e.Hint}}
	}
	return nil
}

// settings are a target's config after the checks that need no network.
type settings struct {
	url       *url.URL
	filter    string
	startTLS  bool
	caFile    string
	bindDN    string
	password  action.Secret
	base      string
	lockAttr  string
	lockValue string
	active    bool          // an Active Directory
	config    action.Values // what new passwords look like
}

func read(t action.Target) (settings, error) {
	c := t.Config
	s := settings{
		filter: c.String("user_filter"), startTLS: c.Bool("start_tls"), caFile: c.String("ca_file"),
		bindDN: c.String("bind_dn"), password: c.Secret("bind_password"), base: c.String("base_dn"),
		lockAttr: c.String("lock_attribute"), lockValue: c.String("lock_value"), active: t.Type == ActiveType, config: c,
	}
	if s.active {
		s.lockAttr, s.lockValue = controlAttr, disabledWord
	}
	wrong := func(message, hint string) (settings, error) {
		return settings{}, &action.Error{Message: "target " + t.Name + ": " + message, Hint: hint, Permanent: true}
	}
	u, err := url.Parse(c.String("url"))
	if err != nil || u.Hostname() == "" || (u.Scheme != "ldap" && u.Scheme != "ldaps") {
		return wrong("url is not an address of a directory", "write ldaps://HOST or ldap://HOST")
	}
	s.url = u
	if s.active && u.Scheme == "ldap" && !s.startTLS {
		return wrong("an Active Directory takes passwords encrypted only", "use ldaps://, or set start_tls")
	}
	if u.Scheme == "ldap" && !s.startTLS && !c.Bool("plaintext") && !host.IsLoopback(u.Hostname()) {
		return wrong("passwords would travel unencrypted", "use ldaps://, or set start_tls, or permit it with plaintext: true")
	}
	if u.Scheme == "ldaps" && s.startTLS {
		return wrong("start_tls does not go with ldaps://", "remove one of the two")
	}
	if !strings.Contains(s.filter, "{account}") {
		return wrong("user_filter does not use {account}", "write it as in (uid={account})")
	}
	if _, err := ldap.CompileFilter(s.filterFor("someone")); err != nil {
		return wrong("user_filter is not a filter", "write it as in (uid={account})")
	}
	if s.password.IsZero() {
		// An empty password would sign in anonymously (RFC 4513 section 5.1.2).
		return wrong("bind_password is empty", "give the secret a value")
	}
	return s, nil
}

func (s settings) filterFor(account string) string {
	f := strings.ReplaceAll(s.filter, "{account}", ldap.EscapeFilter(account))
	if !strings.HasPrefix(f, "(") {
		f = "(" + f + ")"
	}
	return f
}

// String says where the directory is, without who signs in.
func (s settings) String() string { return fmt.Sprintf("the directory at %s", s.url.Host) }
