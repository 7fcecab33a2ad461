//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

func caddyWebsite(t *testing.T, c *Caddy, more ...string) website {
	t.Helper()
	return newWebsite(t, "caddy", c.Address(0), append([]string{"admin: " + c.Admin(), "id: portal", "keep_open: [/pay/, /status]"}, more...)...)
}

func TestCaddy(t *testing.T) {
	t.Parallel()
	c := StartCaddy(t)
	var w website
	trial{
		office: func(t *testing.T) (*office, string) {
			w = caddyWebsite(t, c)
			return w.office, w.suspend()
		},
		state: func(t *testing.T) any { return c.Config(t) },
		changed: func(*testing.T) {
			for _, path := range []string{"/", "/paying", "/pay/../admin", "/pay/%2e%2e/admin", "/status/x", "/x?/pay/"} {
				w.closed(path)
			}
			w.open("/pay/card?x=1", "the portal at /pay/card?x=1\n")
			w.open("/status", "the portal at /status\n")
		},
		unchanged: func(*testing.T) { w.open("/", "the portal at /\n") },
		now:       "in service",
		already:   "the website is out of service and shows the message already",
	}.run(t)
}

// What others put into the route since stays; so does an earlier notice.
func TestCaddyChangedSince(t *testing.T) {
	t.Parallel()
	c := StartCaddy(t)
	w := caddyWebsite(t, c)
	before := c.Config(t)
	w.must("run", w.suspend())
	first := c.Config(t)

	other := w.step("other", "    uses: website.suspend\n    with: {message: Another message}\n")
	require.Contains(t, w.must("plan", other).stdout, "out of service, showing another page")
	w.must("run", other)
	require.Contains(t, Visit(t, w.url).Body, "Another message")
	w.must("rollback", w.status().Run)
	require.Equal(t, first, c.Config(t))
	w.closed("/")

	const teams = `{"handler":"headers","response":{"set":{"Retry-After":["7"]}}}`
	c.Add(t, 0, teams)
	require.Contains(t, w.must("run", w.restore()).text(), "the website is in service")
	require.Equal(t, Answer{Status: 200, RetryAfter: "7", Body: "the portal at /\n"}, Visit(t, w.url))
	require.Equal(t, strings.Replace(before, `"handle":[{"body":"the portal`, `"handle":[`+teams+`,{"body":"the portal`, 1), c.Config(t))
	require.Contains(t, w.must("run", w.restore()).text(), "in service already")
}

func TestCaddyRefuses(t *testing.T) {
	t.Parallel()
	c := StartCaddy(t)
	o := newWebsite(t, "caddy", c.Address(0), "admin: "+c.Admin(), "id: shop")
	e := o.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, e.text(), "Caddy's configuration has nothing with the @id shop")
	before := c.Config(t)
	e = o.irctl("run", o.suspend())
	require.NotZero(t, e.code)
	require.Equal(t, before, c.Config(t))
	c.Stop()
	e = o.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, e.text(), "got no answer")
}

func TestCaddyBehindSSH(t *testing.T) {
	t.Parallel()
	gate := realtest.StartSSHD(t)
	c := StartCaddy(t)
	w := caddyWebsite(t, c, "via: "+gate.Via())
	w.thereAndBack(gate, func() { w.closed("/") }, func() { w.open("/", "the portal at /\n") })
}
