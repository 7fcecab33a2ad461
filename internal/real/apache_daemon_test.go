//go:build unix

package real

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/realtest"
)

// Apache is Apache's httpd with one site, which answers everything with the
// words "the portal", and is closed by portal.flag with closed.html, except
// below /pay/.
type Apache struct {
	*realtest.Process
	program string
}

// StartApache starts httpd. More is lines for the site's VirtualHost, where FOLDER
// is its folder.
func StartApache(t testing.TB, more ...string) *Apache {
	t.Helper()
	program := realtest.Need(t, "apache2")
	realtest.Need(t, "curl")
	return &Apache{apacheDaemon(program, strings.Join(more, "\n")).Start(t), program}
}

// Argv is how this httpd is called.
func (a *Apache) Argv() []string { return []string{a.program, "-d", a.Dir, "-f", a.File("httpd.conf")} }

func apacheDaemon(program, more string) realtest.Daemon {
	return realtest.Daemon{
		Ports:     1,
		User:      "nobody", // httpd refuses to have workers that are root
		Configure: func(at realtest.Place) error { return configureApache(at, more) },
		Command: func(at realtest.Place) *exec.Cmd {
			return at.Command(program, "-d", at.Dir, "-f", at.File("httpd.conf"), "-DFOREGROUND")
		},
		Ready: func(at realtest.Place) error {
			a, err := curl("http://" + at.Address(0) + "/own-name")
			if err == nil && a.Body != at.Dir {
				err = fmt.Errorf("somebody else answers: %s", a.Body)
			}
			return err
		},
	}
}

// configureApache writes an httpd.conf.
func configureApache(at realtest.Place, more string) error {
	modules, ok := firstWith("mod_rewrite.so", "/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/opt/homebrew/lib/httpd/modules")
	if !ok {
		return fmt.Errorf("httpd's modules are in none of the usual places")
	}
	conf := strings.NewReplacer("MODULES", modules, "FOLDER", at.Dir, "ADDRESS", at.Address(0), "MORE", strings.ReplaceAll(more, "FOLDER", at.Dir)).Replace(`
ServerName 127.0.0.1
Listen ADDRESS
PidFile FOLDER/httpd.pid
Mutex file:FOLDER default
ErrorLog FOLDER/error.log
LoadModule mpm_event_module MODULES/mod_mpm_event.so
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule alias_module MODULES/mod_alias.so
LoadModule headers_module MODULES/mod_headers.so
LoadModule rewrite_module MODULES/mod_rewrite.so
LoadModule mime_module MODULES/mod_mime.so
TypesConfig /dev/null
AddType text/html .html
<Directory FOLDER>
    Require all granted
</Directory>
<VirtualHost ADDRESS>
    RewriteEngine on
    RewriteRule ^/own-name$ FOLDER/own-name [L]
    RewriteCond FOLDER/portal.flag -f
    RewriteCond %{ENV:REDIRECT_STATUS} ^$
    RewriteCond %{REQUEST_URI} !^/pay/
    RewriteRule ^ - [R=503,L]
    RewriteCond %{ENV:REDIRECT_STATUS} ^$
    RewriteRule ^ FOLDER/portal.txt [L]
    Alias /closed.html FOLDER/closed.html
    ErrorDocument 503 /closed.html
    MORE
</VirtualHost>
`)
	for name, text := range map[string]string{"httpd.conf": conf, "own-name": at.Dir, "portal.txt": "the portal"} {
		if err := at.Write(name, text); err != nil {
			return err
		}
	}
	return nil
}
