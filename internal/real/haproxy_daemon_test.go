//go:build unix

package real

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// HAProxy is HAProxy before a site of its own, which answers every path with
// the words "the portal at" and the path. The backend portal has the servers
// web1, web2, which the configuration disables, and web3; the backend pay has
// what is below /pay/. The file blocked holds who is denied. The page for 503 says "Our website is closed".
type HAProxy struct{ *realtest.Process }

// StartHAProxy starts HAProxy.
func StartHAProxy(t testing.TB) *HAProxy {
	t.Helper()
	program := realtest.Need(t, "haproxy")
	realtest.Need(t, "curl")
	return &HAProxy{haproxyDaemon(program).Start(t)}
}

// Socket is the runtime socket; whoever asks at Limited may change nothing.
func (h *HAProxy) Socket() string  { return h.File("admin.sock") }
func (h *HAProxy) Limited() string { return h.File("limited.sock") }

// Ask sends a command to the runtime socket and returns the answer.
func (h *HAProxy) Ask(t testing.TB, command string) string {
	t.Helper()
	c, err := net.Dial("unix", h.Socket())
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_, err = io.WriteString(c, command+"\n")
	require.NoError(t, err)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(b)
}

// States are the servers as HAProxy saves them, a line each, without since when
// and how often they were checked.
func (h *HAProxy) States(t testing.TB) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(h.Ask(t, "show servers state")) {
		const since, health = 9, 12
		words := strings.Fields(line)
		if len(words) <= health || words[0] == "#" {
			continue
		}
		out = append(out, strings.Join(slices.Concat(words[:since], words[since+1:health], words[health+1:]), " "))
	}
	return out
}

func haproxyDaemon(program string) realtest.Daemon {
	return realtest.Daemon{
		Ports:     2,
		Configure: configureHAProxy,
		Command:   func(at realtest.Place) *exec.Cmd { return at.Command(program, "-db", "-f", at.File("haproxy.cfg")) },
		Ready: func(at realtest.Place) error {
			a, err := curl("http://" + at.Address(0) + "/own-name")
			if err == nil && a.Body != at.Dir {
				err = fmt.Errorf("somebody else answers: %s", a.Body)
			}
			return err
		},
	}
}

func configureHAProxy(at realtest.Place) error {
	conf := strings.NewReplacer("FOLDER", at.Dir, "SITE", at.Address(0), "OWN", at.Address(1)).Replace(`
global
  stats socket FOLDER/admin.sock mode 600 level admin
  stats socket FOLDER/limited.sock mode 600 level user
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  errorfile 503 FOLDER/closed.http
frontend site
  bind SITE
  acl blocked src -f FOLDER/blocked
  http-request deny if blocked
  use_backend pay if { path_beg /pay/ }
  default_backend portal
backend portal
  server web1 OWN
  server web2 OWN disabled
  server web3 OWN
backend pay
  server pay1 OWN
frontend own
  bind OWN
  http-request return status 200 content-type text/plain string FOLDER if { path /own-name }
  http-request return status 200 content-type text/plain lf-string "the portal at %[path]\n"
`)
	if err := at.Write("blocked", "127.0.0.9\n"); err != nil {
		return err
	}
	if err := at.Write("closed.http", "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nRetry-After: 3600\r\nConnection: close\r\n\r\n<p>Our website is closed.</p>\n"); err != nil {
		return err
	}
	return at.Write("haproxy.cfg", conf)
}
