package directory

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

// ActiveType is the name of the target type that Active describes.
const ActiveType = "active-directory"

// Active describes the target type active-directory. Undo is a word of each
// action.
func Active(undo bool) action.TargetType {
	return config.Describe[inActive](action.TargetType{
		Name:    ActiveType,
		Service: true,
		Summary: "an Active Directory: Microsoft's, or Samba's domain controller",
		Example: `domain:
  type: active-directory
  owner: identity@example.com
  fallback: Call the identity team and have them reset the password by hand.
  config:
    url: ldaps://dc1.ad.example.com
    bind_dn: irctl@ad.example.com
    bind_password: {secret: AD_PASSWORD}
    base_dn: dc=ad,dc=example,dc=com
`,
		Undo: undo,
	})
}

type inActive struct{ Config }

// Fields implements config.Config.
func (c *inActive) Fields() config.Fields {
	c.active, c.LockAttr, c.LockValue = true, controlAttr, disabledWord
	return config.Fields{
		config.Into(&c.URL, action.Field{Name: "url", Required: true, Pattern: `ldaps?://.+`, Description: "A domain controller.", Example: "ldaps://dc1.ad.example.com"}),
		config.Into(&c.BindDN, action.Field{Name: "bind_dn", Required: true, Description: "Who irctl signs in as: a user principal name, or the name of an entry.", Example: "irctl@ad.example.com"}),
		config.Into(&c.Password, action.Field{Name: "bind_password", Required: true, Description: "The password of bind_dn.", Example: "{secret: AD_PASSWORD}"}),
		config.Into(&c.BaseDN, action.Field{Name: "base_dn", Required: true, Description: "Below which entry accounts are looked for.", Example: "dc=ad,dc=example,dc=com"}),
		config.Into(&c.Filter, action.Field{Name: "user_filter", Default: "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={account})(userPrincipalName={account})))", Description: "The filter that finds exactly one account (RFC 4515); {account} is replaced, escaped.", Example: "(&(objectClass=user)(mail={account}))"}),
		config.Into(&c.StartTLS, action.Field{Name: "start_tls", Default: false, Description: "Encrypt an ldap:// connection before signing in (RFC 4511 section 4.14)."}),
		config.Into(&c.CAFile, action.Field{Name: "ca_file", Path: true, Description: "The certificate authority that signed the domain controller's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"}),
		config.Into(&c.Krbtgt, action.Field{Name: "krbtgt", Default: false, Description: "Permit sessions.revoke to rotate the keys of krbtgt, which ends every Kerberos sign-in of the domain."}),
		c.New.Field(),
		c.Via.Field(),
	}
}
