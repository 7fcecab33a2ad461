package directory

import (
	"slices"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// ActiveType is the name of the target type that Active describes.
const ActiveType = "active-directory"

// Active describes the target type active-directory. Undo is a word of each
// action.
func Active(undo bool) action.TargetType {
	return action.TargetType{
		Name:    ActiveType,
		Summary: "an Active Directory: Microsoft's, or Samba's domain controller",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Required: true, Pattern: `ldaps?://.+`, Description: "A domain controller.", Example: "ldaps://dc1.ad.example.com"},
			{Name: "bind_dn", Type: action.String, Required: true, Description: "Who irctl signs in as: a user principal name, or the name of an entry.", Example: "irctl@ad.example.com"},
			{Name: "bind_password", Type: action.String, Required: true, Secret: true, Description: "The password of bind_dn.", Example: "{secret: AD_PASSWORD}"},
			{Name: "base_dn", Type: action.String, Required: true, Description: "Below which entry accounts are looked for.", Example: "dc=ad,dc=example,dc=com"},
			{Name: "user_filter", Type: action.String, Default: "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={account})(userPrincipalName={account})))", Description: "The filter that finds exactly one account (RFC 4515); {account} is replaced, escaped.", Example: "(&(objectClass=user)(mail={account}))"},
			{Name: "start_tls", Type: action.Bool, Default: false, Description: "Encrypt an ldap:// connection before signing in (RFC 4511 section 4.14)."},
			{Name: "ca_file", Type: action.String, Path: true, Description: "The certificate authority that signed the domain controller's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"},
			{Name: "krbtgt", Type: action.Bool, Default: false, Description: "Permit sessions.revoke to rotate the keys of krbtgt, which ends every Kerberos sign-in of the domain."},
			newsecret.Field(),
			host.ViaField(),
		},
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
		Check: func(config action.Values) []action.Problem {
			if problems := slices.Concat(host.CheckVia(config), newsecret.Check(config)); len(problems) > 0 {
				return problems
			}
			return checkAddress(action.Target{Name: "domain", Type: ActiveType, Config: config})
		},
		Undo: undo,
	}
}
