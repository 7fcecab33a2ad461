package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// room is a war room over a home of its own.
type room struct {
	t     testing.TB
	desk  *desk.Desk
	web   *Server
	at    string // its address
	token string
}

func newRoom(t testing.TB) *room { return newRoomWith(t, nil) }

func newRoomWith(t testing.TB, encrypted *tls.Config) *room {
	d := desk.New(desk.Config{
		Store: store.Open(t.TempDir(), nil), Version: "test", Action: func(string) (action.Action, bool) { return nil, false },
		Policy: func() (*environment.Policy, error) { return nil, nil },
		Now:    time.Now, User: func() string { return "root" }, Host: "host", PID: 1,
	})
	r := &room{t: t, desk: d}
	r.web = New(Config{Desk: d, Readers: ReadersIn(filepath.Join(t.TempDir(), "readers.json")), TLS: encrypted, Now: time.Now})
	r.token = r.web.Readers.Guest("test")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r.at = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.web.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-served)
	})
	return r
}

// begin begins a run that nobody drives.
func (r *room) begin(p *plan.Plan) string {
	encoded, err := p.Encode()
	require.NoError(r.t, err)
	files := store.Files{Runbook: []byte("irctl: v1"), Plan: encoded}
	run, err := r.desk.Begin(context.Background(), desk.Start{Files: files, Started: event.RunStarted{Runbook: "test", Digest: files.Digests().Runbook}})
	require.NoError(r.t, err)
	defer run.Close()
	return run.Run()
}

func (r *room) note(run, text string) {
	_, err := r.desk.Submit(context.Background(), run, request.Note{Text: text}, false)
	require.NoError(r.t, err)
}

// get asks for a path with headers, given in pairs.
func (r *room) get(method, path, body string, headers ...string) *http.Response {
	req, err := http.NewRequestWithContext(context.Background(), method, r.at+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	got, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = got.Body.Close() })
	return got
}

// message is one server-sent event.
type message struct{ id, event, data string }

// messages reads a stream until stop says so.
func messages(t *testing.T, body io.Reader, stop func(message) bool) (all []message) {
	t.Helper()
	var m message
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data = value
		case "":
			all = append(all, m)
			if stop(m) {
				return all
			}
			m = message{}
		}
	}
	require.Fail(t, "the stream ended", "%v", lines.Err())
	return nil
}

func (r *room) stream(path string, headers ...string) io.Reader {
	got := r.get("GET", path, "", append(headers, "Authorization", "Bearer "+r.token)...)
	require.Equal(r.t, http.StatusOK, got.StatusCode)
	require.Equal(r.t, "text/event-stream", got.Header.Get("Content-Type"))
	return got.Body
}

// told collects the texts of entries until one has a text.
func told(t *testing.T, body io.Reader, until string) (texts []string, last message) {
	all := messages(t, body, func(m message) bool { return m.event == "entries" && strings.Contains(m.data, until) })
	for _, m := range all {
		if m.event != "entries" {
			continue
		}
		var got struct {
			Anew    bool
			Entries []Entry
		}
		require.NoError(t, json.Unmarshal([]byte(m.data), &got))
		if got.Anew {
			texts = append(texts, "anew")
		}
		for _, e := range got.Entries {
			texts = append(texts, strings.TrimSpace(e.Word+" "+e.Text))
		}
	}
	return texts, all[len(all)-1]
}

func TestBrowsersAreToldWhatThePageMayDo(t *testing.T) {
	r := newRoom(t)
	for _, path := range []string{"/", "/run/x", "/incident/x", "/page.js", "/page.css", "/live/runs", "/nowhere"} {
		h := r.get("GET", path, "").Header
		require.Equal(t, policy, h.Get("Content-Security-Policy"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		require.Equal(t, "no-store", h.Get("Cache-Control"), path)
	}
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	html, err := page.ReadFile("page/page.html")
	require.NoError(t, err)
	require.NotRegexp(t, `<script[^>]*>[^<]|<style|style=|\son[a-z]+=|https?:`, string(html), "nothing inline, nothing from elsewhere")
	js, err := page.ReadFile("page/page.js")
	require.NoError(t, err)
	require.NotRegexp(t, `innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`, string(js), "texts are put in as text")
}

// A name that leads here from another site (DNS rebinding) is not answered.
func TestOnlyItsOwnNamesAreAnswered(t *testing.T) {
	r := newRoom(t)
	port := r.at[strings.LastIndex(r.at, ":"):]
	for host, want := range map[string]int{
		"localhost" + port: 200, "127.0.0.1" + port: 200, "[::1]" + port: 200,
		"evil.example.com" + port: 421, "127.0.0.1": 421, "localhost.example.com" + port: 421, "192.0.2.1" + port: 421,
	} {
		require.Equal(t, want, r.get("GET", "/", "", "Host", host).StatusCode, host)
	}
}

// Other machines are answered by the names of the certificate, and encrypted.
func TestOtherMachinesAreServedWithTLS(t *testing.T) {
	made := httptest.NewTLSServer(nil) // its certificate is of example.com and 127.0.0.1
	made.Close()
	r := newRoomWith(t, &tls.Config{Certificates: made.TLS.Certificates, MinVersion: tls.VersionTLS12})
	at := strings.TrimPrefix(r.at, "http://")
	trusted := made.Client()
	status := func(host, token string) int {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+at+"/reader", nil)
		require.NoError(t, err)
		req.Host = host
		req.Header.Set("Authorization", "Bearer "+token)
		got, err := trusted.Do(req)
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		return got.StatusCode
	}
	port := at[strings.LastIndex(at, ":"):]
	require.Equal(t, 200, status("example.com"+port, r.token))
	require.Equal(t, 401, status("example.com"+port, "guess"))
	require.Equal(t, 421, status("localhost"+port, r.token), "not a name of the certificate")
	require.Equal(t, 421, status("evil.example.org"+port, r.token))
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+at+"/reader", strings.NewReader(`{"token":"`+r.token+`"}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	got, err := trusted.Do(req)
	require.NoError(t, err)
	require.NoError(t, got.Body.Close())
	require.True(t, got.Cookies()[0].Secure)
	require.Equal(t, 400, r.get("GET", "/", "").StatusCode, "nothing is said unencrypted")
}

func TestReadersHaveTokens(t *testing.T) {
	r := newRoom(t)
	status := func(token string) int {
		return r.get("GET", "/reader", "", "Authorization", "Bearer "+token).StatusCode
	}
	require.Equal(t, 401, r.get("GET", "/live/runs", "").StatusCode)
	require.Equal(t, 401, status(""))
	require.Equal(t, 200, status(r.token))
	robin, err := r.web.Readers.Add("Robin", time.Now())
	require.NoError(t, err)
	require.Equal(t, 200, status(robin))
	kept, err := os.ReadFile(r.web.Readers.file)
	require.NoError(t, err)
	require.NotContains(t, string(kept), robin)
	again, err := r.web.Readers.Add("Robin", time.Now())
	require.NoError(t, err)
	require.Equal(t, 401, status(robin), "a new token takes the place of the old one")
	found, err := r.web.Readers.Remove("Robin")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 401, status(again))
}

func TestATokenBecomesACookieThatScriptsCannotRead(t *testing.T) {
	r := newRoom(t)
	enter := func(token string, headers ...string) *http.Response {
		return r.get("POST", "/reader", `{"token":"`+token+`"}`, append([]string{"Content-Type", "application/json"}, headers...)...)
	}
	require.Equal(t, 401, enter("guess").StatusCode)
	require.Equal(t, 403, enter(r.token, "Origin", "http://evil.example.com").StatusCode)
	require.Equal(t, 403, enter(r.token, "Content-Type", "text/plain").StatusCode, "what a form of another site can send")
	got := enter(r.token, "Origin", r.at)
	require.Equal(t, 200, got.StatusCode)
	c := got.Cookies()[0]
	require.True(t, c.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, c.SameSite)
	require.Equal(t, 200, r.get("GET", "/reader", "", "Cookie", c.Name+"="+c.Value).StatusCode)
}

func TestAPageChangesByItself(t *testing.T) {
	r := newRoom(t)
	run := r.begin(plantest.Build(plantest.Node(plan.Manual, "call")))
	body := r.stream("/live/run/" + run)
	told(t, body, "started")
	r.note(run, "first")
	texts, last := told(t, body, "first")
	require.Equal(t, []string{"note first"}, texts)
	require.True(t, strings.HasPrefix(last.id, "2-") || strings.HasPrefix(last.id, "3-"), last.id)

	r.note(run, "second")
	texts, _ = told(t, r.stream("/live/run/"+run, "Last-Event-ID", last.id), "second")
	require.Equal(t, []string{"note second"}, texts, "whoever comes back is told what is new")
	texts, _ = told(t, r.stream("/live/run/"+run, "Last-Event-ID", "2-00000000"), "second")
	require.Equal(t, "anew", texts[0], "an entry that is not ours is of another journal")
}

// What targets and people say may hold anything.
func TestHostileTextsAreCleaned(t *testing.T) {
	r := newRoom(t)
	run := r.begin(plantest.Build(plantest.Node(plan.Manual, "call")))
	r.note(run, "</script><img src=x onerror=alert(1)>\u202e\x1b]0;x\x07\ndata: {}\n\nevent: state")
	for _, path := range []string{"/live/run/" + run} {
		texts, last := told(t, r.stream(path), "onerror")
		require.Contains(t, strings.Join(texts, "|"), "</script><img src=x onerror=alert(1)><U+202E>␛]0;x␇ data: {} event: state", "nothing is lost")
		require.NotRegexp(t, "[<>\x1b\u202e]", last.data, "and nothing of it could be HTML")
	}
	bad := messages(t, r.stream("/live/run/..%2f..%2fetc"), func(m message) bool { return m.event == "state" })
	require.Contains(t, bad[len(bad)-1].data, "there is no run")
}

// A run of an exercise is never taken for a real one, nor a real one for an
// exercise because of its title.
func TestAnExerciseSaysSo(t *testing.T) {
	for scenario, want := range map[string]bool{"ransomware": true, "": false} {
		require.Equal(t, want, RunOf(projection.Status{Title: "EXERCISE: x", Exercise: scenario}).Exercise)
		require.Equal(t, want, rowOf(projection.Row{Title: "EXERCISE: x", Exercise: scenario}).Exercise)
	}
}

func TestOneRunIsShownAlone(t *testing.T) {
	r := newRoom(t)
	r.web.Only = r.begin(plantest.Build(plantest.Node(plan.Manual, "call")))
	other := r.begin(plantest.Build(plantest.Node(plan.Manual, "call")))
	all := messages(t, r.stream("/live/runs"), func(m message) bool { return m.event == "state" })
	require.Contains(t, all[len(all)-1].data, r.web.Only)
	require.NotContains(t, all[len(all)-1].data, other)
	for _, path := range []string{"/live/run/" + other, "/live/incident/x"} {
		require.Equal(t, 404, r.get("GET", path, "", "Authorization", "Bearer "+r.token).StatusCode)
	}
	told(t, r.stream("/live/run/"+r.web.Only), "started")
}

func TestWithoutTLSThisMachineAloneIsServed(t *testing.T) {
	for listen, open := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "0.0.0.0:1": false, ":1": false, "192.0.2.1:1": false} {
		require.Equal(t, open, Address(listen, false) == nil, listen)
		require.NoError(t, Address(listen, true))
	}
}
