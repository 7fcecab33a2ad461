//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/realtest"
)

// Nginx is nginx with one site, whose server block includes site*.conf. The
// site answers every path with the words "the portal at" and the path, but an
// unknown path below /docs/ with what /missing answers.
type Nginx struct {
	*realtest.Process
	program string
}

// StartNginx starts nginx. Include is what site.conf holds, "" is no file.
func StartNginx(t testing.TB, include string) *Nginx {
	t.Helper()
	return startNginx(t, oneServer, include)
}

// startNginx starts nginx with these servers.
func startNginx(t testing.TB, servers, include string) *Nginx {
	t.Helper()
	program := realtest.Need(t, "nginx")
	realtest.Need(t, "curl")
	return &Nginx{nginxDaemon(program, servers, include).Start(t), program}
}

const oneServer = `    server {
        listen ADDRESS;
        default_type text/plain;
        include site*.conf;
        location = /own-name { return 200 "DIR"; }
        location /docs/ { root DIR; try_files $uri /missing; }
        location / { return 200 "the portal at $request_uri\n"; }
    }
`

// Argv is how this nginx is called.
func (n *Nginx) Argv() []string { return nginxArgv(n.program, n.Place) }

func nginxArgv(program string, at realtest.Place) []string {
	return []string{program, "-p", at.Dir, "-c", at.File("nginx.conf"), "-e", "stderr"}
}

func nginxDaemon(program, servers, include string) realtest.Daemon {
	return realtest.Daemon{
		Ports:     1,
		Configure: func(at realtest.Place) error { return configureNginx(at, servers, include) },
		Command: func(at realtest.Place) *exec.Cmd {
			argv := nginxArgv(program, at)
			return at.Command(argv[0], append(argv[1:], "-g", "daemon off;")...)
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

// configureNginx writes an nginx.conf. Its workers are whoever runs the test:
// the folder is closed to others.
func configureNginx(at realtest.Place, servers, include string) error {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	files := map[string]string{"nginx.conf": strings.NewReplacer("USER", user, "DIR", at.Dir, "ADDRESS", at.Address(0)).Replace(strings.Replace(`
USER
worker_processes 1;
pid DIR/nginx.pid;
error_log stderr info;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path DIR/body;
    proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi;
    uwsgi_temp_path DIR/uwsgi;
    scgi_temp_path DIR/scgi;
SERVERS}
`, "SERVERS", servers, 1))}
	if include != "" {
		files["site.conf"] = include
	}
	for name, text := range files {
		if err := at.Write(name, text); err != nil {
			return err
		}
	}
	return nil
}
