package connector_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// found runs a new action that only looks, described by lines below `look`, and
// returns its outputs and its error; more are lines of the file.
func found(t *testing.T, server http.Handler, more, look string, outputs string) (map[string]any, []string, error) {
	t.Helper()
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	f := parse(t, "some.yaml", `irctl: v1
kind: connector
name: some
summary: some system
config:
  url: {type: string, required: true}
  token: {type: string, secret: true}
base: ${{ config.url }}/api
`+more+`actions:
  rule.list:
    summary: List rules
    description: Lists rules.
    effect: read
    inputs: {account: {type: string}, many: {type: list}}
    look:
`+look+`
    outputs: {`+outputs+`}
`)
	a, req := call(t, f, "rule.list", s.URL, "")
	req.With = action.Values{"many": []any{"x y", "z"}}
	sink := &actiontest.Sink{}
	res, err := a.Run(unhurried(context.Background()), req, sink)
	return res.Outputs, sink.Lines(), err
}

func asJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

func TestAllPagesAreRead(t *testing.T) {
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("from"))
		out := map[string]any{"list": []int{n, n + 1}, "more": n < 4, "offset": n}
		if n < 4 {
			next := fmt.Sprintf("?from=%d", n+2)
			w.Header().Set("Link", "<"+r.URL.Path+next+`>; rel="next", </api/rules>; rel="first"`)
			out["next"] = "http://" + r.Host + r.URL.Path + next
		}
		asJSON(w, out)
	})
	for name, next := range map[string]string{
		"a link": "next: link", "an address": "next: 'has(answer.json.next) ? answer.json.next : null'", "an offset": `next: "answer.json.more ? string(answer.json.offset + 2) : ''", query: from`,
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := found(t, server, "", "      rules: {get: /rules, pages: {list: answer.json.list, "+next+"}}", "all: rules.items")
			require.NoError(t, err)
			require.Equal(t, map[string]any{"all": []any{int64(0), int64(1), int64(2), int64(3), int64(4), int64(5)}}, out)
			_, _, err = found(t, server, "", "      rules: {get: /rules, pages: {list: answer.json.list, most: 5, "+next+"}}", "all: rules.items")
			require.ErrorContains(t, err, "so not all were seen")
		})
	}
	for want, next := range map[string]string{"1000 pages": "/api/rules?n=%d", "go in a circle": "/api/rules?n=1"} {
		asked := 0
		_, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			asJSON(w, map[string]any{"list": []int{}, "next": strings.Replace(next, "%d", strconv.Itoa(asked), 1)})
		}), "", "      rules: {get: /rules, pages: {list: answer.json.list, next: answer.json.next}}", "all: rules.items")
		require.ErrorContains(t, err, want)
		require.LessOrEqual(t, asked, 1001)
	}
}

// A search need not go further back than the run does.
func TestWhenTheRunBeganIsKnown(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r.URL.RawQuery; asJSON(w, []string{}) }))
	defer s.Close()
	f := parse(t, "some.yaml", `irctl: v1
kind: connector
name: some
summary: some system
config: {url: {type: string, required: true}}
base: ${{ config.url }}
actions:
  rule.list: {summary: List, description: Lists., effect: read, look: {rules: {get: /rules, query: {since: '${{ string(int(run.started)) }}'}}}}
`)
	a, req := call(t, f, "rule.list", s.URL, "")
	req.With = action.Values{}
	for id, want := range map[string]string{"01HF7YAT000000000000000000": "since=1700000000", "no run": "since=0"} {
		req.Run = id
		_, err := a.Run(context.Background(), req, &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, want, asked)
	}
}

func TestALimitIsWaitedFor(t *testing.T) {
	for header, value := range map[string]string{"Retry-After": "7", "X-Reset": strconv.FormatInt(time.Now().Add(20*time.Second).Unix(), 10), "": ""} {
		asked := 0
		out, lines, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked < 3 {
				w.Header().Set(header, value)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			asJSON(w, "yes")
		}), "rate_reset: X-Reset\n", "      rules: {get: /rules}", "all: rules.json")
		require.NoError(t, err)
		require.Equal(t, map[string]any{"all": "yes"}, out)
		require.Empty(t, lines, "whoever only looks tells nobody")
	}
	asked := 0
	_, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
	}), "", "      rules: {get: /rules}", "all: rules.json")
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []any{10 * time.Minute, false, 1}, []any{e.After, e.Permanent, asked}, "the step's retry waits so long")
}

func TestALongOperationIsWaitedFor(t *testing.T) {
	for _, c := range []struct{ status, want string }{{"done", ""}, {"failed", "has failed"}, {"running", "has not ended it in time"}} {
		polls := 0
		out, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				w.Header().Set("Location", "/jobs/7")
				w.WriteHeader(http.StatusAccepted)
			case r.URL.Path != "/jobs/7":
				w.WriteHeader(http.StatusTeapot)
			default:
				polls++
				asJSON(w, map[string]any{"status": map[bool]string{true: "running", false: c.status}[polls < 3], "n": polls})
			}
		}), "", `      rules:
        post: /search
        expect: answer.status == 202
        wait: {get: '${{ answer.headers.location }}', until: answer.json.status == 'done', failed: answer.json.status == 'failed', every: 1s, within: 10s}`, "all: rules.json.n")
		if c.want == "" {
			require.NoError(t, err)
			require.Equal(t, map[string]any{"all": int64(3)}, out)
			continue
		}
		require.ErrorContains(t, err, c.want)
	}
}

func TestWhatIsFilledInKeepsItsTypeAndIsLeftOutWithoutAValue(t *testing.T) {
	var got []string
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.RequestURI+" "+string(body))
		asJSON(w, map[string]any{"n": 1})
	})
	_, _, err := found(t, server, "", `      first: {get: /a, query: {who: '${{ inputs.account }}', many: '${{ inputs.many }}', limit: 5}}
      second: {post: /b, body: {n: '${{ first.json.n }}', none: '${{ inputs.account }}', text: 'n=${{ first.json.n }}', list: ['${{ inputs.many }}', true], key: '${{ run.key }}'}}
      third: {post: /c, when: 'first.json.n == 1', each: inputs.many, form: {of: '${{ item }}', none: '${{ inputs.account }}'}}
      fourth: {get: /d, when: first.json.n == 2}`, "all: third.items, none: fourth")
	require.NoError(t, err)
	require.Equal(t, []string{
		"GET /api/a?limit=5&many=x+y&many=z ",
		`POST /api/b {"key":"key","list":[["x y","z"],true],"n":1,"text":"n=1"}`,
		"POST /api/c of=x+y", "POST /api/c of=z",
	}, got)
}

func TestRulesSayWhatAnErrorIs(t *testing.T) {
	rules := `errors:
  - {when: answer.json.code == 'gone', absent: true}
  - {when: answer.json.ok == false, permanent: true, say: 'it says ${{ answer.json.code }}', hint: ask its owner}
`
	ask := func(status int, code string) (map[string]any, error) {
		out, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"ok": false, "code": %q}`, code)
		}), rules, "      rules: {get: /rules}", "all: 'rules == null'")
		return out, err
	}
	out, err := ask(400, "gone")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"all": true}, out)
	var e *action.Error
	for _, status := range []int{200, 500} {
		_, err = ask(status, "broken")
		require.ErrorAs(t, err, &e)
		require.Equal(t, action.Error{Message: "staff: it says broken", Hint: "ask its owner", Permanent: true}, *e)
	}
}

func TestEachProofIsGiven(t *testing.T) {
	var got *http.Request
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r; asJSON(w, 1) })
	prove := func(auth string) http.Header {
		_, _, err := found(t, server, "auth: "+auth+"\n", "      rules: {get: /rules, query: {a: b c}}", "all: rules.json")
		require.NoError(t, err)
		return got.Header
	}
	require.Equal(t, "Basic aXJjdGw6czNjcmV0LXRva2Vu", prove("{basic: {user: irctl, password: '${{ config.token }}'}}").Get("Authorization"))
	require.Equal(t, "SSWS s3cret-token", prove("{header: {name: authorization, value: 'SSWS ${{ config.token }}'}}").Get("Authorization"))
	prove("{query: {name: key, value: '${{ config.token }}'}}")
	require.Equal(t, "/api/rules?a=b+c&key=s3cret-token", got.RequestURI)
	signed := prove("{aws: {access_key: AKID, secret_key: '${{ config.token }}', region: eu-west-1, service: iam, session_token: '${{ config.token }}'}}")
	require.Regexp(t, `^AWS4-HMAC-SHA256 Credential=AKID/[0-9]{8}/eu-west-1/iam/aws4_request, SignedHeaders=[a-z;-]*host[a-z;-]*x-amz-date[a-z;-]*, Signature=[0-9a-f]{64}$`, signed.Get("Authorization"))
	require.Equal(t, "s3cret-token", signed.Get("X-Amz-Security-Token"))
}

// A client's certificate is shown to the server, and TLS is asked for: a token does
// not travel in the open to another machine.
func TestACertificateProvesTheClient(t *testing.T) {
	var shown int
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { shown = len(r.TLS.PeerCertificates); asJSON(w, 1) }))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.StartTLS()
	defer s.Close()
	dir := t.TempDir()
	pair := s.TLS.Certificates[0]
	key, err := os.Create(filepath.Join(dir, "key.pem"))
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), certificate, 0o600))
	require.NoError(t, pem.Encode(key, keyBlock(t, pair)))
	require.NoError(t, key.Close())
	f := parse(t, "tls.yaml", `irctl: v1
kind: connector
name: tls
summary: a system that knows its clients
config:
  url: {type: string, required: true}
  dir: {type: string, required: true, path: true}
base: ${{ config.url }}
auth: {certificate: {cert_file: '${{ config.dir }}/cert.pem', key_file: '${{ config.dir }}/key.pem'}}
actions:
  rule.list: {summary: List, description: Lists., effect: read, look: {rules: {get: /rules}}}
`)
	a, req := call(t, f, "rule.list", s.URL, "")
	req.With, req.Target.Config = action.Values{}, action.Values{"url": s.URL, "dir": dir, "ca_file": filepath.Join(dir, "cert.pem")}
	_, err = a.Run(context.Background(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, 1, shown)

	req.Target.Config["url"] = strings.Replace(s.URL, "https://127.0.0.1", "http://directory.example.com", 1)
	_, err = a.Run(context.Background(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "travel unencrypted")
}

func keyBlock(t *testing.T, pair tls.Certificate) *pem.Block {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	return &pem.Block{Type: "PRIVATE KEY", Bytes: der}
}

// A list of which a page is missing is not the list that came before it.
func TestAPageThatIsNotThereIsNoEnd(t *testing.T) {
	_, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		asJSON(w, map[string]any{"list": []int{1}, "next": "/api/rules?from=1"})
	}), "", "      rules: {get: /rules, absent: [404], pages: {list: answer.json.list, next: answer.json.next}}", "all: rules.items")
	require.ErrorContains(t, err, "so not all were seen")
}

// A look that cannot tell whether something is there does not say that it is.
func TestWhatCannotBeToldIsNotTakenForThere(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asJSON(w, map[string]any{"state": "gone"}) }))
	defer s.Close()
	f := parse(t, "some.yaml", `irctl: v1
kind: connector
name: some
summary: some system
config: {url: {type: string, required: true}}
base: ${{ config.url }}
actions:
  account.disable:
    look: {user: {get: /user}}
    missing: user.json.found == false
    desired: user.json.state == 'gone'
    run: [{post: /user}]
`)
	a, req := call(t, f, "account.disable", s.URL, "alice")
	_, err := a.Run(context.Background(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "do not tell what `missing` of the connector asks")
}

// An answer that does not tell an output of a look is no success without it.
func TestAnOutputThatIsNotToldIsAnError(t *testing.T) {
	for body, want := range map[string]string{"<A><B>b</B></A>": "", "<A/>": "outputs.all", "<Z/>": "outputs.all", "<A><B>b</B><B>c</B></A>": "outputs.all"} {
		out, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, body)
		}), "", "      x: {get: /x}", "all: {type: string, value: string(x.xml.A.B), description: What it says.}")
		if want != "" {
			require.ErrorContains(t, err, want, body)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, map[string]any{"all": "b"}, out)
	}
	out, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asJSON(w, map[string]any{}) }), "", "      x: {get: /x}", "all: 'has(x.json.a) ? x.json.a : null'")
	require.NoError(t, err, "null says that there is none")
	require.Empty(t, out)
}

// What an input of a new action names is protected and counted as that, whatever the
// input is called.
func TestAnInputSaysWhatItTouches(t *testing.T) {
	f := parse(t, "some.yaml", `irctl: v1
kind: connector
name: some
summary: some system
config: {url: {type: string, required: true}}
base: ${{ config.url }}
actions:
  user.lock:
    summary: Lock
    description: Locks somebody out.
    effect: irreversible
    inputs: {email: {type: string, required: true, touches: account}, tenant: string}
    run: [{post: '/users/${{ inputs.email }}/lock'}]
`)
	a, _ := call(t, f, "user.lock", "http://127.0.0.1", "")
	email, _ := a.Spec().Input("email")
	require.Equal(t, action.Account, email.Touches)
	tenant, _ := a.Spec().Input("tenant")
	require.Empty(t, tenant.Touches)
}

// XML is read by its elements, lists as the file declares them.
func TestXMLIsRead(t *testing.T) {
	ask := func(kind, body string) (map[string]any, error) {
		out, _, err := found(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		}), "xml_lists: [keys]\n", "      rules: {get: /rules}", "all: 'rules.xml == null ? dyn(0) : dyn(rules.xml.a.keys)'")
		return out, err
	}
	for _, c := range []struct {
		kind, body string
		want       any
	}{
		{"text/xml", "<a><keys><m>1</m></keys></a>", []any{"1"}},
		{"application/xml; charset=utf-8", "<a><keys/></a>", []any{}},
		{"text/plain", "<a><keys/></a>", int64(0)},
	} {
		out, err := ask(c.kind, c.body)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"all": c.want}, out, c.kind)
	}
	_, err := ask("text/xml", "<a><keys>")
	require.ErrorContains(t, err, "it says that it is XML, and is not XML")
	_, err = ask("text/xml", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`)
	require.ErrorContains(t, err, "document type")
}
