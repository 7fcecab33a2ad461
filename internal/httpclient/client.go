package httpclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// MaxBody is how much of an answer is kept, in bytes.
const MaxBody = 16 << 20

// DefaultTimeout bounds one request from the first packet to the last byte of
// the answer.
const DefaultTimeout = 30 * time.Second

// Options are what a Client needs beside the policy. The zero value is good.
type Options struct {
	Timeout   time.Duration // of one request; 0 is DefaultTimeout
	CAFile    string        // PEM file of further certificate authorities
	Redirects int           // how many to follow, on the same host only; 0 is none
	Auth      Auth
	// CertFile and KeyFile are PEM files of a client's certificate; "" is none.
	CertFile, KeyFile string
	// Sign is given each request last, with its body, to add what proves it.
	Sign func(r *http.Request, body []byte) error
	// Dial opens the connections from another machine, as host.Host does; nil
	// is from this one. Then addresses are that machine's, its network policy
	// is Dial's business, and no proxy of this machine is used.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Auth is how requests prove who sends them. The zero value is no proof.
type Auth struct {
	Bearer   action.Secret // RFC 6750
	User     string        // RFC 7617
	Password action.Secret
}

// Client sends requests. It keeps no connection open and may be used from
// several goroutines.
type Client struct {
	http  http.Client
	allow action.Allow
	far   bool // connections begin at another machine
	auth  Auth
	sign  func(r *http.Request, body []byte) error
}

// New makes a client. It fails only if a file of certificates cannot be used.
func New(allow action.Allow, o Options) (*Client, error) {
	tlsConfig, err := TLS(o.CAFile)
	if err != nil {
		return nil, err
	}
	if o.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, &action.Error{Message: "the client's certificate cannot be used", Cause: err, Hint: "both files are PEM, and the key belongs to the certificate", Permanent: true}
		}
		tlsConfig.Certificates = []tls.Certificate{pair}
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	c := &Client{allow: allow, far: o.Dial != nil, auth: o.Auth, sign: o.Sign}
	from, through := Dialer(allow).DialContext, proxy
	if c.far {
		from, through = o.Dial, nil
	}
	c.http = http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy:           through,
			DialContext:     from,
			TLSClientConfig: tlsConfig,
			// On a kept connection Go repeats a request that carries an
			// Idempotency-Key by itself. A driver decides about repetitions.
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 1 << 18,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > o.Redirects {
				return http.ErrUseLastResponse
			}
			if first := via[0].URL; next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
				return http.ErrUseLastResponse // headers may hold credentials for the first host
			}
			return nil
		},
	}
	return c, nil
}

// TLS is how a client of any protocol encrypts: at least TLS 1.2, trusting the
// system's authorities and those in a PEM file, if it is not "". It fails only
// if the file cannot be used.
func TLS(caFile string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pool, err := authorities(caFile)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = pool
	}
	return conf, nil
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &action.Error{Message: "cannot read the CA file", Cause: err, Permanent: true}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &action.Error{
			Message:   fmt.Sprintf("the CA file %s holds no certificate", file),
			Hint:      "it must be in PEM form: -----BEGIN CERTIFICATE-----",
			Permanent: true,
		}
	}
	return pool, nil
}

// proxy is the environment's proxy, never for this machine itself.
func proxy(r *http.Request) (*url.URL, error) {
	if a, err := netip.ParseAddr(r.URL.Hostname()); err == nil && (a.Unmap().IsLoopback() || a.IsUnspecified()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// Request is one HTTP request.
type Request struct {
	Method string // "" is GET
	URL    string // http or https, without user and password
	// Header holds texts and Secrets, and lists of them for headers that are
	// sent several times.
	Header      map[string]any
	Body        []byte
	ContentType string // of Body
	// Key is sent as the Idempotency-Key header (or KeyHeader) if the method
	// may change something. "" sends none.
	Key       string
	KeyHeader string
}

// Response is an answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	// Trailer are the fields that came after the body (RFC 9110 section 6.5).
	Trailer http.Header
	Body    []byte // at most MaxBody bytes
	Cut     bool   // the answer was longer

	what   string // "POST https://mail.example.com/suspend"
	unsafe bool
}

// shownBody is a body for the log of an attempt: a text, and not all of a long one.
func shownBody(body []byte) string {
	const most = 1000
	text := strings.ToValidUTF8(string(body[:min(len(body), most)]), "?")
	if len(body) > most {
		text += fmt.Sprintf(" ... (%d bytes)", len(body))
	}
	return text
}

// Do sends the request and reads the answer. An error is an *action.Error with
// Doubt set if the request was sent, may change something, and no answer came.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	req, err := c.request(ctx, r)
	if err != nil {
		return Response{}, err
	}
	out := Response{what: req.Method + " " + shownURL(req.URL), unsafe: Unsafe(req.Method)}
	sent.Say(ctx, strings.TrimSpace(out.what+" "+shownBody(r.Body)))
	var sent atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// From here on bytes may have left, also if writing fails later.
		WroteHeaders: func() { sent.Store(true) },
	}))
	resp, err := c.http.Do(req)
	if err != nil {
		return Response{}, noAnswer(ctx, out.what, err, sent.Load() && out.unsafe)
	}
	defer func() { _ = resp.Body.Close() }()
	out.Status, out.Header = resp.StatusCode, resp.Header
	out.Body, err = io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil {
		return out, noAnswer(ctx, out.what, err, out.unsafe)
	}
	if len(out.Body) > MaxBody {
		out.Body, out.Cut = out.Body[:MaxBody], true
	}
	out.Trailer = resp.Trailer
	return out, nil
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !c.far {
		// The dialer would refuse it too, but not behind a proxy.
		if err := Check(c.allow, a); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, &action.Error{Message: fmt.Sprintf("%q is not an HTTP method", action.CleanLine(r.Method, 20)), Permanent: true}
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody = http.NoBody, nil
	}
	req.Header.Set("User-Agent", "irctl")
	if r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	switch {
	case !c.auth.Bearer.IsZero():
		req.Header.Set("Authorization", "Bearer "+c.auth.Bearer.Reveal())
	case c.auth.User != "":
		req.SetBasicAuth(c.auth.User, c.auth.Password.Reveal())
	}
	if r.Key != "" && Unsafe(r.Method) {
		name := r.KeyHeader
		if name == "" {
			name = "Idempotency-Key"
		}
		req.Header.Set(name, r.Key)
	}
	if err := setHeaders(req, r.Header); err != nil || c.sign == nil {
		return req, err
	}
	return req, c.sign(req, r.Body)
}

func setHeaders(req *http.Request, header map[string]any) error {
	for name, v := range header {
		lines, several := v.([]any)
		if !several {
			lines = []any{v}
		}
		req.Header.Del(name)
		for _, line := range lines {
			if err := addHeader(req, name, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func addHeader(req *http.Request, name string, v any) error {
	text := fmt.Sprint(v)
	if s, ok := v.(action.Secret); ok {
		text = s.Reveal()
	}
	for _, r := range text {
		if r < ' ' && r != '\t' || r == 0x7F {
			return &action.Error{Message: fmt.Sprintf("the header %q would hold a line end or control character", action.CleanLine(name, 60)), Permanent: true}
		}
	}
	if http.CanonicalHeaderKey(name) == "Host" {
		req.Host = text
		return nil
	}
	req.Header.Add(name, text)
	return nil
}

func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	var why string
	switch {
	case err != nil:
		why = "it is not a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		why = "it must begin with http:// or https://"
	case u.Hostname() == "":
		why = "it names no host"
	case odd(u.Hostname()):
		why = "its host is a number, and no address in its usual form"
	case u.User != nil:
		return nil, &action.Error{Message: "a URL must not hold a user or password", Hint: "give them as auth or as a header, from a secret", Permanent: true}
	default:
		return u, nil
	}
	return nil, &action.Error{Message: fmt.Sprintf("cannot send a request to %q: %s", action.CleanLine(beforeQuery(text), 100), why), Permanent: true}
}

// Unsafe reports whether a method may change something (RFC 9110 section 9.2.1).
func Unsafe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return false
	}
	return true
}

// shownURL leaves out the query: it may hold credentials.
func shownURL(u *url.URL) string {
	return action.CleanLine(beforeQuery(u.Redacted()), 200)
}

func beforeQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// isTimeout reports whether a limit of time ended a request.
func isTimeout(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}
