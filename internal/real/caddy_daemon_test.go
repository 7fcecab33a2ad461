//go:build unix

package real

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Caddy is Caddy with one site, whose route has the @id portal and answers
// every path with the words "the portal at" and the path. Port 0 is the site's,
// port 1 the admin API's.
type Caddy struct{ *realtest.Process }

// StartCaddy starts Caddy.
func StartCaddy(t testing.TB) *Caddy {
	t.Helper()
	program := realtest.Need(t, "caddy")
	realtest.Need(t, "curl")
	return &Caddy{caddyDaemon(program).Start(t)}
}

// Admin is where the admin API is.
func (c *Caddy) Admin() string { return "http://" + c.Address(1) }

// Config is the whole configuration, as the admin API tells it.
func (c *Caddy) Config(t testing.TB) string {
	t.Helper()
	a := Visit(t, c.Admin()+"/config/")
	require.Equal(t, http.StatusOK, a.Status)
	config, _, _ := strings.Cut(a.Body, "\n") // curl shows the trailer too
	return config
}

// Add puts a value before the nth handler of the site.
func (c *Caddy) Add(t testing.TB, n int, handler string) {
	t.Helper()
	a := Visit(t, fmt.Sprintf("%s/id/portal/handle/%d", c.Admin(), n), "--request", "PUT", "--json", handler)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
}

func caddyDaemon(program string) realtest.Daemon {
	return realtest.Daemon{
		Ports:     2,
		Configure: configureCaddy,
		Command: func(at realtest.Place) *exec.Cmd {
			cmd := at.Command(program, "run", "--config", at.File("caddy.json"))
			cmd.Env = []string{"HOME=" + at.Dir, "XDG_DATA_HOME=" + at.Dir, "XDG_CONFIG_HOME=" + at.Dir}
			return cmd
		},
		Ready: func(at realtest.Place) error {
			a, err := curl("http://" + at.Address(0) + "/own-name")
			if err == nil && strings.TrimSpace(a.Body) != at.Dir {
				err = fmt.Errorf("somebody else answers: %s", a.Body)
			}
			return err
		},
	}
}

func configureCaddy(at realtest.Place) error {
	says := func(body string) []any {
		return []any{map[string]any{"handler": "static_response", "body": body, "headers": map[string]any{"X-Team": []any{"web"}}}}
	}
	portal := map[string]any{"@id": "portal", "match": []any{map[string]any{"host": []any{at.Host()}}}, "handle": says("the portal at {http.request.orig_uri}\n"), "terminal": true}
	own := map[string]any{"match": []any{map[string]any{"path": []any{"/own-name"}}}, "handle": says(at.Dir), "terminal": true}
	conf, err := json.Marshal(map[string]any{
		"admin": map[string]any{"listen": at.Address(1)},
		"apps": map[string]any{"http": map[string]any{"servers": map[string]any{"web": map[string]any{
			"listen": []any{at.Address(0)}, "automatic_https": map[string]any{"disable": true}, "routes": []any{own, portal},
		}}}},
	})
	if err != nil {
		return err
	}
	return at.Write("caddy.json", string(conf))
}
