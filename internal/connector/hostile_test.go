package connector_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// hostile is a connector to a server that means harm. Its look is a GET, its change
// a POST; nothing tells afterwards whether the change was made.
const hostile = `irctl: v1
kind: connector
name: hostile
summary: a server that means harm
config:
  url: {type: string, required: true}
  token: {type: string, secret: true, required: true}
base: ${{ config.url }}
auth: {header: {name: X-Api-Key, value: '${{ config.token }}'}}
timeout: 1s
actions:
  account.disable:
    look:
      user: {get: '/users/${{ inputs.account }}'%s}
    desired: user.json.status == 'off'
    state: user.json.status
    run: [{post: '/users/${{ inputs.account }}/off'}]
    settle: 1ms
  page.send:
    summary: Page somebody
    description: Sends a page.
    effect: irreversible
    inputs: {account: {type: string, required: true}}
    run: [{post: /pages, headers: {X-For: '${{ inputs.account }}'}}]
`

const apiKey = "k3y-of-the-system"

// attack has a look and a change meet a server, and returns how they ended. What
// is said anywhere holds no secret, and no terminal is touched by it.
func attack(t *testing.T, how string, server http.HandlerFunc) (look, change error) {
	t.Helper()
	s := httptest.NewUnstartedServer(server)
	s.Config.ErrorLog = nil
	s.Start()
	t.Cleanup(s.Close)
	f := parse(t, "hostile.yaml", fmt.Sprintf(hostile, how))
	sink := &actiontest.Sink{}
	var said strings.Builder
	ctx := sent.Heard(context.Background(), func(text string) { said.WriteString(text + "\n") })
	run := func(name string) error {
		a, req := call(t, f, name, s.URL, "alice")
		req.Target.Config["token"] = action.NewSecret(apiKey)
		seen, err := a.(action.Inspector).Inspect(ctx, req)
		fmt.Fprintln(&said, seen, err)
		if name != "account.disable" || err == nil {
			var res action.Result
			res, err = a.Run(ctx, req, sink)
			fmt.Fprintln(&said, res, err)
		}
		return err
	}
	look, change = run("account.disable"), run("page.send")
	for _, text := range append(sink.Lines(), said.String()) {
		require.NotContains(t, text, apiKey)
		require.Equal(t, action.Clean(text), text, "nothing reaches a terminal that moves it")
	}
	return look, change
}

// refusedBoth requires an error of both, the one of the change in doubt.
func refusedBoth(t *testing.T, look, change error, words string) {
	t.Helper()
	require.ErrorContains(t, look, words)
	require.ErrorContains(t, change, words)
	require.False(t, action.IsDoubtful(look), "%v", look)
	require.True(t, action.IsDoubtful(change), "%v", change)
}

func TestAnEndlessBodyIsCutOff(t *testing.T) {
	look, change := attack(t, "", func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	refusedBoth(t, look, change, "longer than 16 MiB")
}

func TestAGzipBombStaysPacked(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 1024 { // 1 GiB in about 1 MB
		_, _ = z.Write(zeros)
	}
	require.NoError(t, z.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	look, change := attack(t, "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	runtime.ReadMemStats(&after)
	refusedBoth(t, look, change, "longer than 16 MiB")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(400<<20), "1 GiB was not unpacked")
}

func TestASlowDripEndsWithTheTime(t *testing.T) {
	started := time.Now()
	look, change := attack(t, "", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond): // this is the drip
			}
		}
	})
	refusedBoth(t, look, change, "got no answer in time")
	require.Less(t, time.Since(started), 10*time.Second)
}

// Neither a redirect nor a link leads to another host: no request arrives there,
// and so no credentials do.
func TestNoWayLeadsToAnotherHost(t *testing.T) {
	var reached atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer other.Close()
	for _, to := range []string{other.URL + "/steal", "http://169.254.169.254/latest/meta-data/", "//" + strings.TrimPrefix(other.URL, "http://") + "/steal", "http://user:password@127.0.0.1/"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			look, change := attack(t, "", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			require.ErrorContains(t, look, "answered 3")
			require.ErrorContains(t, change, "answered 3")
			require.False(t, action.IsDoubtful(change), "it was not carried out: %v", change)
		}
		for _, how := range []string{", pages: {list: answer.json.list, next: answer.json.to}", ", pages: {list: answer.json.list, next: link}", ", wait: {get: '${{ answer.json.to }}', until: 'true', every: 1ms, within: 1ms}"} {
			look, _ := attack(t, how, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Link", "<"+to+`>; rel="next"`)
				_, _ = fmt.Fprintf(w, `{"list": [1], "to": %q}`, to)
			})
			require.Error(t, look)
			require.Regexp(t, "may not reach: nothing was sent there|is no address", look.Error())
		}
	}
	require.Zero(t, reached.Load())
}

func TestAValueIsNoSecondHeader(t *testing.T) {
	var got atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer s.Close()
	f := parse(t, "hostile.yaml", fmt.Sprintf(hostile, ""))
	for _, value := range []string{"a\r\nX-Admin: yes", "a\nb", "a\x00b"} {
		a, req := call(t, f, "page.send", s.URL, value)
		_, err := a.Run(context.Background(), req, &actiontest.Sink{})
		require.ErrorContains(t, err, "would hold a line end or control character")
		require.False(t, action.IsDoubtful(err))
	}
	require.Zero(t, got.Load())
}

// What a system says in headers and texts moves no terminal, and what it was sent in
// secret it cannot send back to be shown.
func TestAnAnswerShowsNoSecretAndMovesNoTerminal(t *testing.T) {
	for _, status := range []int{200, 400, 401, 403, 500, 503} {
		look, change := attack(t, "", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"status": "\u001b[2J\u202e %s", "error": "\u001b]0;x\u0007 %[1]s"}`, r.Header.Get("X-Api-Key"))
		})
		if status != 200 {
			require.ErrorContains(t, look, "[redacted]")
			require.ErrorContains(t, change, "[redacted]")
		}
	}
	// A line that is no HTTP at all.
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listen.Close() }()
	go func() {
		for {
			c, err := listen.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 4096)
			n, _ := c.Read(b)
			_, echo, _ := strings.Cut(string(b[:n]), "X-Api-Key: ")
			echo, _, _ = strings.Cut(echo, "\r\n")
			_, _ = io.WriteString(c, "\x1b[2J "+echo+"\r\n\r\n")
			_ = c.Close()
		}
	}()
	a, req := call(t, parse(t, "hostile.yaml", fmt.Sprintf(hostile, "")), "page.send", "http://"+listen.Addr().String(), "alice")
	req.Target.Config["token"] = action.NewSecret(apiKey)
	_, err = a.Run(context.Background(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "[redacted]")
	require.NotContains(t, err.Error(), apiKey)
}

func TestJSONOfDepth10000IsRefused(t *testing.T) {
	for _, nest := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		for _, depth := range []int{101, 10_000, 100_000} {
			body := strings.Repeat(nest[0], depth) + "1" + strings.Repeat(nest[1], depth)
			look, change := attack(t, "", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, body)
			})
			refusedBoth(t, look, change, "an answer that cannot be used")
		}
	}
}

// The address is judged that is connected to, not the one that the name had when
// somebody looked before.
func TestADNSAnswerThatChangesLeadsNowhere(t *testing.T) {
	var reached atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)

	answers := [][]string{{"203.0.113.7"}, {"127.0.0.1"}, {"203.0.113.7", "127.0.0.1"}, {"169.254.169.254"}}
	var asked atomic.Int64
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	names := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			for _, a := range answers[int(asked.Load())%len(answers)] {
				rr, _ := dns.NewRR(q.Question[0].Name + " 0 IN A " + a)
				m.Answer = append(m.Answer, rr)
			}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = names.ActivateAndServe() }()
	defer func() { _ = names.Shutdown() }()
	was := net.DefaultResolver
	defer func() { net.DefaultResolver = was }()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", packets.LocalAddr().String())
	}}

	f := parse(t, "hostile.yaml", fmt.Sprintf(hostile, ""))
	try := func(allow action.Allow) error {
		a, req := call(t, f, "page.send", "http://changing.example.com:"+port, "alice")
		req.Allow, req.Target.Config["plaintext"] = allow, true
		_, err := a.Run(context.Background(), req, &actiontest.Sink{})
		return err
	}
	elsewhere := action.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
	for range answers {
		err := try(elsewhere)
		require.ErrorContains(t, err, "the environment does not allow connections to")
		require.False(t, action.IsDoubtful(err))
		asked.Add(1)
	}
	require.Zero(t, reached.Load())
	asked.Store(1)
	require.NoError(t, try(action.Allow{Loopback: true}), "the name does lead there")
	require.EqualValues(t, 1, reached.Load())
}

// A token that irctl was given is no secret of the environment: it is kept from
// texts all the same.
func TestATokenThatWasGivenIsNotShown(t *testing.T) {
	const source = `irctl: v1
kind: connector
name: graph
summary: a directory behind OAuth
config:
  url: {type: string, required: true}
  secret: {type: string, secret: true, required: true}
base: ${{ config.url }}/api
auth: {oauth2: {token_url: '${{ config.url }}/token', client_id: 'a b', client_secret: '${{ config.secret }}', scopes: users}}
actions:
  account.disable:
    look: {user: {get: '/users/${{ inputs.account }}'}}
    desired: user.json.off
    run: [{patch: '/users/${{ inputs.account }}', body: {off: true}}]
    settle: 1ms
`
	given, off, fail := 0, false, false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			user, password, _ := r.BasicAuth()
			require.Equal(t, []string{"a+b", "p%2Fw", "client_credentials"}, []string{user, password, r.FormValue("grant_type")})
			given++
			_, _ = fmt.Fprintf(w, `{"access_token": "given-token-%d", "token_type": "Bearer", "expires_in": 3600}`, given)
			return
		}
		token := r.Header.Get("Authorization")
		if given == 1 && off || fail { // the first one has been withdrawn
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error": %q}`, token)
			return
		}
		off = off || r.Method == http.MethodPatch
		_, _ = fmt.Fprintf(w, `{"off": %v, "echo": %q}`, off, token)
	}))
	defer s.Close()
	a, req := call(t, parse(t, "graph.yaml", source), "account.disable", s.URL, "alice")
	req.Target.Config = action.Values{"url": s.URL, "secret": action.NewSecret("p/w")}
	res, err := a.Run(context.Background(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, res.Changed)
	require.Equal(t, 2, given, "one is used for all requests, and asked for anew when it is refused")
	fail = true
	_, err = a.Run(context.Background(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "answered 401")
	require.NotContains(t, err.Error(), "given-token")
}
