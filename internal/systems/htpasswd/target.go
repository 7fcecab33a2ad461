package htpasswd

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// Longest is how many characters a password may have: bcrypt takes no more.
const Longest = 72

// Target describes the target type htpasswd. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "htpasswd",
		Summary: "the accounts of a website whose server reads a password file (Apache, nginx)",
		Example: `portal-admins:
  type: htpasswd
  owner: web@example.com
  fallback: Call the web team and have them run htpasswd by hand.
  config:
    file: /etc/apache2/portal.htpasswd
    url: https://portal.example.com/admin/
    via: {ssh: web1.example.com, sudo: true}
`,
		Undo: undo,
	})
}

// Config is a target's config.
type Config struct {
	File, URL, CAFile string   // CAFile is on this machine
	Server            []string // files and folders
	Passwords         newsecret.Passwords
	Via               host.Via
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return append(append(config.Fields{
		config.Into(&c.File, action.Field{Name: "file", Required: true, Pattern: `/.+`, Description: "The password file, on the machine that via names.", Example: "/etc/apache2/portal.htpasswd"}),
		config.Into(&c.URL, action.Field{Name: "url", Pattern: `https?://.+`, Description: "An address that needs a password from the file: there a rotation tries the new password and one that is not it. Without it, they are held against the file.", Example: "https://portal.example.com/admin/"}),
		config.Into(&c.CAFile, action.Field{Name: "ca_file", Path: true, Description: "The certificate authority that signed the server's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"}),
		config.Into(&c.Server, action.Field{Name: "server_config", Items: action.String, Default: []any{"/etc/nginx", "/etc/apache2", "/etc/httpd"}, Description: "Where the server's configuration stands, files or folders: an account that has an entry in another password file that it names is not kept out.", Example: "[/etc/nginx]"}),
	}, c.Passwords.Fields("PORTAL_ADMIN_PASSWORD")...), c.Via.Field())
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	if c.Passwords.Length > Longest {
		return []action.Problem{{Input: "password.length", Message: "is more than the 72 characters that bcrypt takes", Hint: "ask for fewer"}}
	}
	return nil
}
