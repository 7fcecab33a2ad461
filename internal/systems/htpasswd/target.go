package htpasswd

import (
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Longest is how many characters a password may have: bcrypt takes no more.
const Longest = 72

// Target describes the target type htpasswd. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "htpasswd",
		Summary: "the accounts of a website whose server reads a password file (Apache, nginx)",
		Fields: []action.Field{
			{Name: "file", Type: action.String, Required: true, Pattern: `/.+`, Description: "The password file, on the machine that via names.", Example: "/etc/apache2/portal.htpasswd"},
			{Name: "url", Type: action.String, Pattern: `https?://.+`, Description: "An address that needs a password from the file: there a rotation tries the new password and one that is not it. Without it, they are held against the file.", Example: "https://portal.example.com/admin/"},
			{Name: "ca_file", Type: action.String, Path: true, Description: "The certificate authority that signed the server's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"},
			{Name: "old_password", Type: action.String, Secret: true, Description: "The account's password until now, where it is known: a rotation then tries that it is refused.", Example: "{secret: PORTAL_ADMIN_PASSWORD}"},
			newsecret.Field(),
			host.ViaField(),
		},
		Example: `portal-admins:
  type: htpasswd
  owner: web@example.com
  fallback: Call the web team and have them run htpasswd by hand.
  config:
    file: /etc/apache2/portal.htpasswd
    url: https://portal.example.com/admin/
    via: {ssh: web1.example.com, sudo: true}
`,
		Check: func(config action.Values) []action.Problem {
			problems := append(host.CheckVia(config), newsecret.Check(config)...)
			if config.Map("password").Int("length") > Longest {
				problems = append(problems, action.Problem{Input: "password.length", Message: "is more than the 72 characters that bcrypt takes", Hint: "ask for fewer"})
			}
			return problems
		},
		Undo: undo,
	}
}
