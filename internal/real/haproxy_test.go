//go:build unix

package real

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

func haproxyWebsite(t *testing.T, h *HAProxy, more ...string) website {
	t.Helper()
	return newWebsite(t, "haproxy", h.Address(0), append([]string{
		"socket: " + h.Socket(), "servers: [portal]", "notice: Our website is closed", "keep_open: [/pay/]",
	}, more...)...)
}

// closedByProxy requires that visitors of a path see HAProxy's own page.
func (w website) closedByProxy(path string) {
	w.t.Helper()
	require.Equal(w.t, Answer{Status: 503, RetryAfter: "3600", Body: "<p>Our website is closed.</p>\n"}, Visit(w.t, w.url+path))
}

func TestHAProxy(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	h.Ask(t, "set server portal/web3 state drain")
	var w website
	trial{
		office: func(t *testing.T) (*office, string) {
			w = haproxyWebsite(t, h)
			return w.office, w.suspend()
		},
		state: func(t *testing.T) any { return h.States(t) },
		changed: func(*testing.T) {
			w.closedByProxy("/")
			w.closedByProxy("/pay")
			w.open("/pay/card", "the portal at /pay/card\n")
		},
		unchanged: func(*testing.T) { w.open("/", "the portal at /\n") },
		now:       "in service, with 1 of 3 servers in maintenance",
		already:   "the website is out of service and shows the server's own page already",
	}.run(t)
}

// What others did to a server since stays.
func TestHAProxyChangedSince(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	w := haproxyWebsite(t, h)
	w.must("run", w.suspend())
	h.Ask(t, "set server portal/web3 state drain")
	after := h.States(t)
	w.must("rollback", w.status().Run)
	w.open("/", "the portal at /\n")
	var differs []string
	for i, line := range h.States(t) {
		if line != after[i] {
			differs = append(differs, strings.Fields(line)[3])
		}
	}
	require.Equal(t, []string{"web1"}, differs)

	w.must("run", w.suspend())
	w.must("run", w.restore())
	w.open("/", "the portal at /\n")
	require.Contains(t, w.must("plan", w.restore()).stdout, "in service")
	w.must("rollback", w.status().Run)
	w.closedByProxy("/")
}

// A download that runs while the site is suspended ends.
func TestHAProxyEndsSessions(t *testing.T) {
	t.Parallel()
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the first part")
		if r.URL.Path == "/download" {
			require.NoError(t, http.NewResponseController(w).Flush())
			<-r.Context().Done() // the rest never comes
		}
	}))
	t.Cleanup(own.Close)
	h := StartHAProxy(t)
	h.Ask(t, "set server portal/web1 addr 127.0.0.1 port "+own.Listener.Addr().String()[len("127.0.0.1:"):])
	h.Ask(t, "set server portal/web3 state drain")

	download, err := http.Get("http://" + h.Address(0) + "/download")
	require.NoError(t, err)
	t.Cleanup(func() { _ = download.Body.Close() })
	_, err = io.ReadFull(download.Body, make([]byte, len("the first part")))
	require.NoError(t, err)

	w := haproxyWebsite(t, h)
	w.must("run", w.suspend())
	_, err = io.ReadAll(download.Body) // it would wait for ever
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestHAProxyRefuses(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	before := h.States(t)
	limited := newWebsite(t, "haproxy", h.Address(0), "socket: "+h.Limited(), "servers: [portal]")
	e := limited.irctl("run", limited.suspend())
	require.NotZero(t, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "Permission denied; give the stats socket `level admin` in haproxy.cfg")
	e = limited.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, e.text(), `HAProxy's socket has the level "user"`)

	wrong := newWebsite(t, "haproxy", h.Address(0), "socket: "+h.Socket(), "servers: [portal/web9]")
	e = wrong.irctl("run", wrong.suspend())
	require.NotZero(t, e.code)
	require.Contains(t, e.text(), "HAProxy has no portal/web9, so nothing was changed")
	require.Equal(t, before, h.States(t))
	h.Stop()
	e = wrong.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, e.text(), "does not answer")
}

func TestHAProxyBehindSSH(t *testing.T) {
	t.Parallel()
	gate := realtest.StartSSHD(t)
	h := StartHAProxy(t)
	w := haproxyWebsite(t, h, "via: "+gate.Via())
	w.thereAndBack(gate, func() { w.closedByProxy("/") }, func() { w.open("/", "the portal at /\n") })
}
