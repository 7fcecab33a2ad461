package httpclient_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

var here = action.Allow{Loopback: true}

func client(t *testing.T, o httpclient.Options) *httpclient.Client {
	t.Helper()
	c, err := httpclient.New(here, o)
	require.NoError(t, err)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestPolicy(t *testing.T) {
	for text, setting := range map[string]string{
		"127.0.0.1": "loopback", "127.9.9.9": "loopback", "::1": "loopback", "0.0.0.0": "loopback", "::": "loopback",
		"::ffff:127.0.0.1": "loopback", "64:ff9b::7f00:1": "loopback", "64:ff9b::a9fe:a9fe": "link_local",
		"fd00:ec2::254": "link_local", "fd20:ce::254": "link_local", "100.100.100.200": "link_local", "168.63.129.16": "link_local", "64:ff9b::a83f:8110": "link_local",
		"2002:7f00:1::": "loopback", "2002:a9fe:a9fe::1": "link_local", "::127.0.0.1": "loopback", "::169.254.169.254": "link_local", "2002:c000:207::1": "",
		"169.254.169.254": "link_local", "::ffff:169.254.169.254": "link_local", "fe80::1%eth0": "link_local",
		"192.0.2.7": "", "10.0.0.1": "", "172.16.0.1": "", "192.168.1.1": "", "100.100.100.201": "", "fd00:ec2::255": "", "2001:db8::1": "",
	} {
		err := httpclient.Check(action.Allow{}, netip.MustParseAddr(text))
		if setting == "" {
			require.NoError(t, err, text)
			continue
		}
		var e *action.Error
		require.ErrorAs(t, err, &e, text)
		require.True(t, e.Permanent)
		require.Contains(t, e.Hint, "allow: {"+setting+": true}")
		require.NoError(t, httpclient.Check(action.Allow{Loopback: true, LinkLocal: true}, netip.MustParseAddr(text)), text)
	}
}

func TestPolicyHoldsBehindNames(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	c, err := httpclient.New(action.Allow{LinkLocal: true}, httpclient.Options{})
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		_, err := c.Do(context.Background(), httpclient.Request{URL: "http://" + host + ":" + port + "/"})
		require.ErrorContains(t, err, "does not allow connections to", host)
	}
}

// What some resolvers take for an address and others for a name is asked of none:
// neither of this machine's nor, behind a proxy, of another's.
func TestNumbersThatAreNoAddressesAreRefused(t *testing.T) {
	c, err := httpclient.New(action.Allow{}, httpclient.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("reached")
		return nil, errors.New("reached")
	}})
	require.NoError(t, err)
	for _, host := range []string{
		"2852039166", "2130706433", "0xA9FEA9FE", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "0251.0376.0251.0376", "169.254.43518",
		"169.254.169.254.", "127.0.0.1.", "09.1.1.1", "256.256.256.256",
	} {
		_, err := c.Do(context.Background(), httpclient.Request{URL: "http://" + host + "/latest/meta-data/"})
		require.ErrorContains(t, err, "its host is a number", host)
	}
}

// A name is looked up for each connection, and it is the answer to that which has
// to be allowed, whatever an earlier one was.
func TestANameThatChangesItsAddressIsRefused(t *testing.T) {
	answers := []string{"127.0.0.1", "169.254.169.254", "fd00:ec2::254", "0.0.0.0"}
	var asked atomic.Int32
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &dns.Server{PacketConn: udp, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m, name := new(dns.Msg).SetReply(q), q.Question[0].Name
		ip := netip.MustParseAddr(answers[asked.Load()])
		switch hdr := (dns.RR_Header{Name: name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET}); {
		case q.Question[0].Qtype == dns.TypeA && ip.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: hdr, A: ip.AsSlice()})
		case q.Question[0].Qtype == dns.TypeAAAA && ip.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: hdr, AAAA: ip.AsSlice()})
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", udp.LocalAddr().String())
	}}
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	for i := range answers {
		d := httpclient.Dialer(action.Allow{Loopback: i == 0})
		d.Resolver = resolver
		conn, err := d.DialContext(context.Background(), "tcp", "changing.example.com.:"+port)
		if i == 0 {
			require.NoError(t, err)
			require.NoError(t, conn.Close())
		} else {
			require.ErrorContains(t, err, "does not allow connections to", answers[i])
		}
		asked.Add(1)
	}
}

// A redirect may be followed, and still must not leave the policy or the host.
func TestRedirects(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL+"/canary?token=x", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/end":
			_, _ = io.WriteString(w, "end")
		}
	})
	for path, want := range map[string]int{"/away": 302, "/near": 200} {
		resp, err := client(t, httpclient.Options{Redirects: 3}).Do(context.Background(), httpclient.Request{URL: s.URL + path})
		require.NoError(t, err)
		require.Equal(t, want, resp.Status)
	}
	resp, err := client(t, httpclient.Options{}).Do(context.Background(), httpclient.Request{URL: s.URL + "/near"})
	require.NoError(t, err)
	require.Equal(t, 302, resp.Status)
	e := resp.Unexpected()
	require.True(t, e.Permanent)
	require.Contains(t, e.Hint, "redirects are not followed")
}

func TestRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"a":{"b":[1,2.5,"x"]}}`)
	})
	c := client(t, httpclient.Options{Auth: httpclient.Auth{Bearer: action.NewSecret("tok")}})
	resp, err := c.Do(context.Background(), httpclient.Request{
		Method: "POST", URL: s.URL + "/x?q=1", Header: map[string]any{"X-A": "a", "X-B": action.NewSecret("b"), "host": "mail.example.com"},
		Body: []byte("hi"), ContentType: "text/plain", Key: "run/step",
	})
	require.NoError(t, err)
	require.Equal(t, 202, resp.Status)
	require.True(t, resp.Success())
	require.False(t, resp.Success(200))
	require.Equal(t, []string{"hi", "Bearer tok", "a", "b", "run/step", "text/plain", "mail.example.com", "irctl"}, []string{
		string(body), got.Header.Get("Authorization"), got.Header.Get("X-A"), got.Header.Get("X-B"),
		got.Header.Get("Idempotency-Key"), got.Header.Get("Content-Type"), got.Host, got.UserAgent(),
	})
	data, err := resp.JSON()
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": map[string]any{"b": []any{int64(1), 2.5, "x"}}}, data)

	basic := client(t, httpclient.Options{Auth: httpclient.Auth{User: "dana", Password: action.NewSecret("pw")}})
	_, err = basic.Do(context.Background(), httpclient.Request{URL: s.URL, Key: "run/step"})
	require.NoError(t, err)
	user, password, _ := got.BasicAuth()
	require.Equal(t, []string{"dana", "pw", ""}, []string{user, password, got.Header.Get("Idempotency-Key")})
}

func TestRefusedRequests(t *testing.T) {
	for _, r := range []httpclient.Request{
		{URL: "ftp://example.com/"}, {URL: "example.com"}, {URL: "http://"}, {URL: "http://dana:canary@example.com/"}, {URL: ":"},
		{URL: "http://127.0.0.1:1/", Method: "BAD METHOD"}, {URL: "http://127.0.0.1:1/", Header: map[string]any{"X": "a\r\nY: canary"}},
	} {
		_, err := client(t, httpclient.Options{}).Do(context.Background(), r)
		var e *action.Error
		require.ErrorAs(t, err, &e, "%v", r)
		require.True(t, e.Permanent)
		require.NotContains(t, e.Error(), "canary")
	}
}

func TestTheBodyIsBounded(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), httpclient.MaxBody+10))
	})
	resp, err := client(t, httpclient.Options{}).Do(context.Background(), httpclient.Request{URL: s.URL})
	require.NoError(t, err)
	require.Len(t, resp.Body, httpclient.MaxBody)
	require.True(t, resp.Cut)
	_, err = resp.JSON()
	require.Error(t, err)
}

func TestStatuses(t *testing.T) {
	for status, want := range map[int]action.Error{
		400: {Permanent: true}, 401: {Permanent: true}, 404: {Permanent: true}, 409: {Permanent: true},
		408: {After: 7 * time.Second}, 425: {}, 429: {}, 500: {}, 502: {}, 503: {}, 504: {Doubt: true}, 501: {Permanent: true},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "sorry\x1b[0m", status)
		})
		resp, err := client(t, httpclient.Options{}).Do(context.Background(), httpclient.Request{Method: "POST", URL: s.URL + "/a?token=canary"})
		require.NoError(t, err)
		e := resp.Unexpected()
		require.Equal(t, []any{want.Permanent, want.Doubt, 7 * time.Second}, []any{e.Permanent, e.Doubt, e.After}, "%d", status)
		require.NotContains(t, e.Message, "canary")
		require.Contains(t, e.Message, "sorry␛[0m")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-1": 0, "soon": 0, "99999999": 24 * time.Hour,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0, "Mon, 01 Mar 2027 12:00:00 GMT": 24 * time.Hour,
	} {
		require.Equal(t, want, httpclient.RetryAfter(http.Header{"Retry-After": {text}}, now), text)
	}
}

// A request that was sent and not answered may have been carried out; one that
// never left was not, and one that changes nothing is in no doubt.
func TestDoubt(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	for name, c := range map[string]struct {
		method, url string
		doubt       bool
	}{
		"sent and not answered": {"POST", s.URL, true},
		"read only":             {"GET", s.URL, false},
		"never sent":            {"POST", closed, false},
	} {
		_, err := client(t, httpclient.Options{}).Do(context.Background(), httpclient.Request{Method: c.method, URL: c.url + "/?token=canary", Body: []byte("x"), Key: "k"})
		var e *action.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, c.doubt, e.Doubt, name)
		require.False(t, e.Permanent, name)
		require.NotContains(t, e.Error(), "canary", name)
	}
}

func TestAnIdempotencyKeyDoesNotMakeGoRepeatTheRequest(t *testing.T) {
	seen := make(chan struct{}, 10)
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		seen <- struct{}{}
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
	})
	c := client(t, httpclient.Options{})
	_, err := c.Do(context.Background(), httpclient.Request{Method: "POST", URL: s.URL + "/", Key: "k"})
	require.NoError(t, err)
	_, err = c.Do(context.Background(), httpclient.Request{Method: "POST", URL: s.URL + "/abort", Key: "k"})
	require.Error(t, err)
	require.Len(t, seen, 2)
}

func TestTimeouts(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	_, err := client(t, httpclient.Options{Timeout: 50 * time.Millisecond}).Do(context.Background(), httpclient.Request{Method: "PUT", URL: s.URL})
	require.ErrorContains(t, err, "got no answer in time")
	require.True(t, action.IsDoubtful(err))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = client(t, httpclient.Options{}).Do(ctx, httpclient.Request{Method: "PUT", URL: s.URL})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, action.IsDoubtful(err))
}

func TestCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := client(t, httpclient.Options{}).Do(context.Background(), httpclient.Request{Method: "POST", URL: s.URL})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.True(t, e.Permanent && !e.Doubt)
	require.Contains(t, e.Hint, "ca_file")

	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	resp, err := client(t, httpclient.Options{CAFile: file}).Do(context.Background(), httpclient.Request{Method: "POST", URL: s.URL})
	require.NoError(t, err)
	require.Equal(t, "ok", string(resp.Body))

	require.NoError(t, os.WriteFile(file, []byte("no pem"), 0o600))
	for _, bad := range []string{file, filepath.Join(t.TempDir(), "none.pem")} {
		_, err := httpclient.New(here, httpclient.Options{CAFile: bad})
		require.True(t, errors.As(err, &e) && e.Permanent)
	}
}

func TestFind(t *testing.T) {
	answer, err := data.Decode([]byte(`{"mail":{"state":"on"},"items":[{"id":7}],"big":12345678901234}`))
	require.NoError(t, err)
	for path, want := range map[string]any{"mail.state": "on", "items.0.id": int64(7), "big": int64(12345678901234)} {
		got, ok := httpclient.Find(answer, path)
		require.True(t, ok, path)
		require.Equal(t, want, got)
	}
	for _, path := range []string{"mail.none", "items.1", "items.x", "items.-1", "mail.state.x", "mail."} {
		_, ok := httpclient.Find(answer, path)
		require.False(t, ok, path)
	}
}

func TestOnlyTheNamedNetworksAreReached(t *testing.T) {
	office := action.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}}
	for addr, allowed := range map[string]bool{
		"192.0.2.7": true, "::ffff:192.0.2.7": true, "64:ff9b::c000:207": true, "2001:db8::1": true,
		"192.0.3.1": false, "2001:db9::1": false, "127.0.0.1": false, "169.254.169.254": false,
	} {
		require.Equal(t, allowed, httpclient.Check(office, netip.MustParseAddr(addr)) == nil, addr)
	}
	office.Loopback = true
	require.NoError(t, httpclient.Check(office, netip.MustParseAddr("127.0.0.1")), "loopback is allowed by itself")
}
