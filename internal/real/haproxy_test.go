//go:build unix

package real

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
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

// slowDownload is a download from the server portal/web1 that has begun and does
// not end before somebody has end called.
func slowDownload(t *testing.T, h *HAProxy) (download io.Reader, end func()) {
	t.Helper()
	over := make(chan struct{})
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the first part")
		if r.URL.Path == "/download" {
			require.NoError(t, http.NewResponseController(w).Flush())
			select {
			case <-over:
			case <-r.Context().Done():
			}
		}
	}))
	t.Cleanup(own.Close)
	h.Ask(t, "set server portal/web1 addr 127.0.0.1 port "+own.Listener.Addr().String()[len("127.0.0.1:"):])
	h.Ask(t, "set server portal/web3 state drain")

	answer, err := http.Get("http://" + h.Address(0) + "/download")
	require.NoError(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	_, err = io.ReadFull(answer.Body, make([]byte, len("the first part")))
	require.NoError(t, err)
	return answer.Body, func() { close(over) }
}

// A download that runs while the site is suspended ends.
func TestHAProxyEndsSessions(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	download, _ := slowDownload(t, h)
	w := haproxyWebsite(t, h)
	w.must("run", w.suspend())
	_, err := io.ReadAll(download) // it would wait for ever
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// drain writes a runbook that drains servers.
func (w website) drain(with string) string {
	return w.step("drain", "    uses: website.drain\n    with: {"+with+"}\n")
}

func TestDrain(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	var w website
	trial{
		office: func(t *testing.T) (*office, string) {
			w = haproxyWebsite(t, h)
			return w.office, w.drain("servers: [portal/web1]")
		},
		state: func(t *testing.T) any { return h.States(t) },
		changed: func(t *testing.T) {
			w.open("/", "the portal at /\n")
			require.Contains(t, h.Ask(t, "show stat"), "portal,web1,0,0,0,")
			require.Equal(t, []string{"portal/web1"}, h.drained(t))
		},
		unchanged: func(t *testing.T) { w.open("/", "the portal at /\n"); require.Empty(t, h.drained(t)) },
		now:       "new visitors are sent to portal/web1",
		already:   "no new visitors are sent to portal/web1, and nobody is connected already",
	}.run(t)
}

// drained are the servers of the site that get no new visitors, and are in no
// maintenance.
func (h *HAProxy) drained(t *testing.T) (out []string) {
	t.Helper()
	for _, line := range h.States(t) {
		const backend, server, admin, drained = 1, 3, 6, 8
		if words := strings.Fields(line); words[admin] == strconv.Itoa(drained) {
			out = append(out, words[backend]+"/"+words[server])
		}
	}
	return out
}

func TestDrainWaitsForThoseWhoAreConnected(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	_, finish := slowDownload(t, h)
	h.Ask(t, "set server portal/web3 state ready")
	w := haproxyWebsite(t, h)

	e := w.irctl("run", w.drain("servers: [portal/web1], wait: 1s"))
	require.Equal(t, 4, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	require.Contains(t, said, "no new visitors are sent there, but 1 are still connected")
	require.Equal(t, []string{"portal/web1"}, h.drained(t))
	w.open("/", "the portal at /\n")
	finish()
	w.must("retry", w.status().Run, "step")
	w.must("resume", w.status().Run)
	require.Equal(t, "succeeded", w.status().Status)
	w.must("rollback", w.status().Run)
	require.Empty(t, h.drained(t))

	download, _ := slowDownload(t, h)
	h.Ask(t, "set server portal/web3 state ready")
	w.must("run", w.drain("servers: [portal/web1], wait: 0s, end: true"))
	_, err := io.ReadAll(download)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestDrainRefuses(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	before := h.States(t)
	for with, said := range map[string]string{
		"servers: [portal]":     "without portal/web1 no server of that backend would take visitors, so nothing was changed",
		"servers: [pay/pay1]":   "pay/pay1 is not among the servers of the target, so nothing was changed",
		"servers: [portal/web]": "portal/web is not among the servers of the target",
	} {
		w := haproxyWebsite(t, h)
		e := w.irctl("run", w.drain(with))
		require.NotZero(t, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), said)
		require.Equal(t, before, h.States(t))
	}
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
