package cacao

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// sent is a request as a server saw it.
type sent struct {
	line, body string
	header     http.Header
}

// exchange runs an action against a server that answers with a status and a
// body. config is added to the target's.
func exchange(t *testing.T, act action.Action, with, config map[string]any, status int, body string) (*sent, action.Result, *actiontest.Sink, error) {
	t.Helper()
	var got *sent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = &sent{r.Method + " " + r.RequestURI, string(b), r.Header}
		w.Header().Set("X-Request-Id", "r-1")
		w.Header().Add("Via", "one")
		w.Header().Add("Via", "two")
		w.Header().Set("Set-Cookie", "session=canary")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	given := map[string]any{"url": server.URL + "/base/"}
	for k, v := range config {
		given[k] = v
	}
	target, problems := coerce.Fields(act.Spec().Targets[0].Fields, given)
	require.Empty(t, problems)
	require.Empty(t, act.Spec().Targets[0].Check(target))
	out := &actiontest.Sink{}
	res, err := act.Run(t.Context(), action.Request{
		Key: "01RUN/block", With: inputsOf(t, act, with), Allow: action.Allow{Loopback: true},
		Target: action.Target{Name: "firewall", Type: "http-api", Config: target},
	}, out)
	return got, res, out, err
}

// inputsOf completes inputs as a driver does.
func inputsOf(t *testing.T, act action.Action, with map[string]any) action.Values {
	t.Helper()
	values, problems := coerce.Fields(act.Spec().Inputs, with)
	require.Empty(t, problems)
	return values
}

func TestARequestIsSentAsThePlaybookSays(t *testing.T) {
	got, res, _, err := exchange(t, HTTP(), map[string]any{
		"command":   "POST /api/block/__ip__:value?why=__why__:value&n=1 HTTP/1.1",
		"headers":   map[string]any{"Content-Type": []any{"application/json"}, "X-Tag": []any{"a", "__why__:value"}, "Authorization": []any{"Bearer of the playbook"}},
		"content":   `{"address": "__ip__:value", "why": "so: __why__:value", "count": __n__:value, "more": __dict__:value, "text": __why__:value}`,
		"variables": map[string]any{"__ip__": "192.0.2.7/32", "__why__": "a&b=\"c\"", "__n__": int64(7), "__dict__": map[string]any{"k": "v"}},
		"take": map[string]any{
			"__rule__": map[string]any{"from": "json", "path": "$.rules[0].id"}, "__all__": map[string]any{"from": "json", "path": "$.rules"},
			"__code__": map[string]any{"from": "status"}, "__request__": map[string]any{"from": "header", "name": "x-request-id"},
			"__via__": map[string]any{"from": "header", "name": "Via"}, "__body__": map[string]any{"from": "body"},
			"__word__": map[string]any{"from": "regex", "pattern": `"id":(\d+)`},
		},
	}, map[string]any{"auth": map[string]any{"bearer": action.NewSecret("s3cret")}, "headers": map[string]any{"X-Api-Key": action.NewSecret("key")}}, 201, `{"rules":[{"id":17}]}`)
	require.NoError(t, err)
	require.Equal(t, "POST /base/api/block/192.0.2.7%2F32?why=a%26b%3D%22c%22&n=1", got.line)
	require.JSONEq(t, `{"address":"192.0.2.7/32","why":"so: a&b=\"c\"","count":7,"more":{"k":"v"},"text":"a&b=\"c\""}`, got.body)
	require.Equal(t, []string{"a", `a&b="c"`}, got.header.Values("X-Tag"))
	require.Equal(t, []string{"Bearer s3cret", "key", "application/json", "01RUN/block"},
		[]string{got.header.Get("Authorization"), got.header.Get("X-Api-Key"), got.header.Get("Content-Type"), got.header.Get("Idempotency-Key")})
	require.True(t, res.Changed)
	require.Equal(t, map[string]any{
		"__rule__": int64(17), "__all__": []any{map[string]any{"id": int64(17)}}, "__code__": int64(201), "__request__": "r-1",
		"__via__": "one, two", "__body__": `{"rules":[{"id":17}]}`, "__word__": "17",
	}, res.Outputs["values"])
	require.NotContains(t, res.Outputs["headers"], "set-cookie")
}

func TestAnOpenC2CommandIsAPost(t *testing.T) {
	command := `{"action":"deny","target":{"ipv4_net":"__ip__:value"}}`
	with := map[string]any{
		"command": "POST /openc2 HTTP/1.1", "content_b64": base64.StdEncoding.EncodeToString([]byte(command)),
		"variables": map[string]any{"__ip__": `192.0.2.7","x":"`},
	}
	got, res, _, err := exchange(t, OpenC2(), with, nil, 200, `{"status":200}`)
	require.NoError(t, err)
	require.Equal(t, "POST /base/openc2", got.line)
	require.Equal(t, "application/openc2+json;version=1.0", got.header.Get("Content-Type"))
	require.JSONEq(t, `{"action":"deny","target":{"ipv4_net":"192.0.2.7\",\"x\":\""}}`, got.body)
	require.Equal(t, int64(200), res.Outputs["status"])

	with["command"] = "GET /openc2 HTTP/1.1"
	got, _, _, err = exchange(t, OpenC2(), with, nil, 200, "")
	require.EqualError(t, err, "an OpenC2 command is sent by POST, not by GET")
	require.Nil(t, got)
	got, _, _, err = exchange(t, OpenC2(), map[string]any{"command": "POST / HTTP/1.1"}, nil, 200, "")
	require.ErrorContains(t, err, "has its content in content_b64, and there is none")
	require.Nil(t, got)
}

// TestNothingIsSentThatTheValuesCouldBend: the message says why.
func TestNothingIsSentThatTheValuesCouldBend(t *testing.T) {
	vars := map[string]any{"__x__": "v", "__dots__": "..", "__dot__": ".", "__empty__": "", "__null__": nil, "__lines__": "a\r\nX-Evil: 1", "__url__": "http://192.0.2.9/", "__slashes__": "//192.0.2.9/", "__up__": "/a/../b", "__boundary__": "a\r\n--b"}
	for want, with := range map[string]map[string]any{
		"is not the first line of a request":              {"command": "GET get HTTP1.1"},
		"\"GET /\" is not the first line":                 {"command": "GET /"},
		"\"get\" is not a method":                         {"command": "get / HTTP/1.1"},
		"\"CONNECT\" is not a method":                     {"command": "CONNECT / HTTP/1.1"},
		"\"__x__:value\" is not a method":                 {"command": "__x__:value / HTTP/1.1"},
		"must be a path, not a URL":                       {"command": "GET http://192.0.2.9/ HTTP/1.1"},
		"\"get\" is not the target of a request":          {"command": "GET get HTTP/1.1"},
		"\"//a/b\" is not the target":                     {"command": "GET //a/b HTTP/1.1"},
		"\"/a#b\" is not the target":                      {"command": "GET /a#b HTTP/1.1"},
		"would make \"..\" of a part of the path":         {"command": "DELETE /a/__dots__:value HTTP/1.1"},
		"would make \".\" of a part of the path":          {"command": "DELETE /a/__dot__:value/b HTTP/1.1"},
		"would make \"\" of a part of the path":           {"command": "DELETE /hosts/__empty__:value HTTP/1.1"},
		"__null__ has no value yet: it is null":           {"command": "GET /a?b=__null__:value HTTP/1.1"},
		"the variable __other__ is not defined":           {"command": "GET /__other__:value HTTP/1.1"},
		"value of __url__ is not the target of a request": {"command": "GET __url__:value HTTP/1.1"},
		"\"__slashes__:value\" is not the target":         {"command": "GET __slashes__:value HTTP/1.1"},
		"value of __up__ is not the target":               {"command": "GET __up__:value HTTP/1.1"},
		"__lines__ holds a line end or control character": {"command": "GET / HTTP/1.1", "headers": map[string]any{"X-A": []any{"__lines__:value"}}},
		"__x__ stands behind a backslash in the content":  {"command": "POST / HTTP/1.1", "headers": map[string]any{"content-type": []any{"application/json"}}, "content": `{"a": "\__x__:value"}`},
		"__boundary__ holds --, which could end its part": {"command": "POST / HTTP/1.1", "headers": map[string]any{"Content-Type": []any{"multipart/form-data; boundary=b"}}, "content": "--b\r\n\r\n__boundary__:value\r\n--b--"},
		"\"GET b\" is not the first line of a req":        {"command": "GET b"},
	} {
		with["variables"] = vars
		got, _, _, err := exchange(t, HTTP(), with, nil, 200, "")
		require.ErrorContains(t, err, want)
		require.Nil(t, got, want)
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.True(t, e.Permanent && !e.Doubt, want)
	}
}

func TestHowContentTakesValues(t *testing.T) {
	vars := values{"__x__": `a "b" \ <c> & é` + "\n", "__n__": "5", "__obj__": `{"k":1}`, "__empty__": ""}
	for _, c := range []struct{ kind, text, want string }{
		{"application/json", `["__x__:value", __x__:value, __n__:value, __obj__:value, "__obj__:value", __empty__:value]`, `["a \"b\" \\ <c> & é\n", "a \"b\" \\ <c> & é\n", 5, {"k":1}, "{\"k\":1}", ""]`},
		{"application/problem+json; charset=utf-8", `"\"__n__:value"`, `"\"5"`},
		{"", `{"a": "__x__:value"}`, `{"a": "a \"b\" \\ <c> & é\n"}`},
		{"", `{"a": __n__:value}`, `{"a": 5}`},
		{"", "no JSON: __x__:value", "no JSON: a \"b\" \\ <c> & é\n"},
		{"application/x-www-form-urlencoded", "a=__x__:value&n=__n__:value", "a=a%20%22b%22%20%5C%20%3Cc%3E%20%26%20%C3%A9%0A&n=5"},
		{"text/xml", "<a>__x__:value</a>", "<a>a &#34;b&#34; \\ &lt;c&gt; &amp; é&#xA;</a>"},
		{"application/soap+xml", "<![CDATA[__n__:value]]>__x__:value", "<![CDATA[5]]>a &#34;b&#34; \\ &lt;c&gt; &amp; é&#xA;"},
		{"text/plain", "__x__:value\x00\xff", "a \"b\" \\ <c> & é\n\x00\xff"},
	} {
		got, err := content(c.text, c.kind, vars)
		require.NoError(t, err)
		require.Equal(t, c.want, string(got))
	}
}

func FuzzRequest(f *testing.F) {
	for _, v := range append(hostile, "..", "a/b", "?x", "#y", "\u2028", `"}`, "&b=c") {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		vars := values{"__x__": value}
		if _, err := vars.text(reference.Place{Name: "__x__"}); err != nil {
			return
		}
		if _, target, err := startLine("GET /a/__x__:value/c?q=__x__:value&r=1 HTTP/1.1", vars); err == nil {
			u, err := url.ParseRequestURI(target)
			require.NoError(t, err)
			require.Equal(t, "/a/"+value+"/c", u.Path)
			require.Equal(t, []string{"/a", "c"}, []string{u.EscapedPath()[:2], u.EscapedPath()[strings.LastIndex(u.EscapedPath(), "/")+1:]})
			require.Equal(t, 3, strings.Count(u.EscapedPath(), "/"))
			require.Equal(t, url.Values{"q": {value}, "r": {"1"}}, u.Query())
		}
		body, err := content(`{"a": "x__x__:valuey", "b": 1}`, "application/json", vars)
		require.NoError(t, err)
		var back map[string]any
		require.NoError(t, json.Unmarshal(body, &back))
		require.Equal(t, map[string]any{"a": "x" + value + "y", "b": float64(1)}, back)
		form, err := content("a=__x__:value&b=1", "application/x-www-form-urlencoded", vars)
		require.NoError(t, err)
		parsed, err := url.ParseQuery(string(form))
		require.NoError(t, err)
		require.Equal(t, url.Values{"a": {value}, "b": {"1"}}, parsed)
	})
}

func TestWhatAnAnswerMeans(t *testing.T) {
	with := map[string]any{"command": "POST /a HTTP/1.1"}
	_, _, _, err := exchange(t, HTTP(), with, nil, 503, "busy")
	require.ErrorContains(t, err, "answered 503 Service Unavailable (busy)")
	_, _, _, err = exchange(t, HTTP(), with, nil, 302, "")
	require.ErrorContains(t, err, "answered 302")
	_, res, out, err := exchange(t, HTTP(), with, nil, 200, strings.Repeat("x", 100_000))
	require.NoError(t, err)
	require.EqualError(t, res.Outputs["body"].(error), "the answer is longer than 65536 bytes, the most that becomes a text", "a part must not pass for the whole")
	require.Len(t, out.Kept("body"), 100_000)
	with["take"] = map[string]any{"__b__": map[string]any{"from": "body"}}
	_, _, _, err = exchange(t, HTTP(), with, nil, 200, strings.Repeat("x", 100_000))
	require.EqualError(t, err, "the command has run, but __b__ is without a value: it is longer than 64 KiB")
}

func TestTheTimeOfTheStepIsTheTimeOfTheRequest(t *testing.T) {
	silent := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	defer server.Close()
	defer close(silent)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := HTTP().Run(ctx, action.Request{
		With: action.Values{"command": "POST /a HTTP/1.1"}, Allow: action.Allow{Loopback: true},
		Target: action.Target{Config: action.Values{"url": server.URL, "timeout": time.Hour}},
	}, &actiontest.Sink{})
	require.ErrorContains(t, err, "got no answer in time")
	require.True(t, action.IsDoubtful(err))
}

func TestTheNetworkPolicyCounts(t *testing.T) {
	_, err := HTTP().Run(t.Context(), action.Request{
		With: action.Values{"command": "GET /a HTTP/1.1"}, Target: action.Target{Config: action.Values{"url": "http://127.0.0.1:1"}},
	}, &actiontest.Sink{})
	require.ErrorContains(t, err, "the environment does not allow connections")
}

func TestALookSaysWhatWouldBeSent(t *testing.T) {
	look := func(act action.Action, with action.Values) (action.Inspection, error) {
		return act.(action.Inspector).Inspect(t.Context(), action.Request{With: with, Target: action.Target{Config: action.Values{"url": "https://fw.example.com/api"}}})
	}
	for line, repeatable := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "POST": false, "DELETE": false, "PURGE": false} {
		in, err := look(HTTP(), action.Values{"command": line + " /a/__x__:value HTTP/1.1", "variables": map[string]any{"__x__": "b c"}})
		require.NoError(t, err)
		require.Equal(t, action.Inspection{Repeatable: repeatable, Current: "not looked at", Want: line + " https://fw.example.com/api/a/b%20c is sent and answered with 2xx"}, in)
	}
	in, err := look(OpenC2(), action.Values{"command": "POST / HTTP/1.1", "content_b64": "e30="})
	require.NoError(t, err)
	require.False(t, in.Repeatable || in.Known)
	_, err = look(HTTP(), action.Values{"command": "GET /a/__x__:value HTTP/1.1"})
	require.EqualError(t, err, "the variable __x__ is not defined")
}

func TestPreflightOfAnHTTPTarget(t *testing.T) {
	status := 404
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "HEAD", r.Method)
		w.WriteHeader(status)
	}))
	req := action.Request{Allow: action.Allow{Loopback: true}, Target: action.Target{Config: action.Values{"url": server.URL}}}
	require.Empty(t, HTTP().(action.Preflighter).Preflight(t.Context(), req))
	status = 401
	require.Len(t, HTTP().(action.Preflighter).Preflight(t.Context(), req), 1)
	server.Close()
	require.Len(t, HTTP().(action.Preflighter).Preflight(t.Context(), req), 1)
}

func TestTargetsThatAreNotRight(t *testing.T) {
	check := httpTarget().Check
	require.Len(t, check(action.Values{"url": "https://"}), 1)
	require.Len(t, check(action.Values{"url": "https://user:pw@fw.example.com"}), 1)
	require.Len(t, check(action.Values{"url": "https://fw.example.com", "auth": map[string]any{"bearer": "a", "basic": map[string]any{}}}), 1)
	require.Equal(t, "port", sshTarget().Check(action.Values{"host": "a", "port": int64(70000)})[0].Input)
	require.Equal(t, "options.StrictHostKeyChecking", sshTarget().Check(action.Values{"host": "a", "options": map[string]any{"StrictHostKeyChecking": "no"}})[0].Input)
}

func TestATakeThatIsNotRight(t *testing.T) {
	for want, spec := range map[string]map[string]any{
		"is taken from \"out\", which is no place of a result":  {"from": "out"},
		"is taken from stdout, which does not go with \"path\"": {"from": "stdout", "path": "$"},
		"is taken from json, which needs path":                  {"from": "json"},
		"is taken from header, which needs name":                {"from": "header"},
		"is not a JSONPath":                                     {"from": "json", "path": "$.["},
		"is not a regular expression":                           {"from": "regex", "pattern": "("},
	} {
		problems := Bash().(action.Validator).Validate(action.Values{"command": "true", "take": map[string]any{"__x__": spec}}, "")
		require.Len(t, problems, 1)
		require.Equal(t, "take.__x__", problems[0].Input)
		require.Contains(t, problems[0].Message, want)
	}
	for want, spec := range map[string]map[string]any{
		"the answer has no header X":    {"from": "header", "name": "X"},
		"the answer has nothing at $":   {"from": "json", "path": "$.b"},
		"has 2 values at":               {"from": "json", "path": "$.a[*]"},
		"the answer does not match (z)": {"from": "regex", "pattern": "(z)"},
		"this command has no stdout":    {"from": "stdout"},
	} {
		_, _, _, err := exchange(t, HTTP(), map[string]any{"command": "GET / HTTP/1.1", "take": map[string]any{"__x__": spec}}, nil, 200, `{"a":[1,2]}`)
		require.ErrorContains(t, err, "the command has run, but __x__ is without a value: ")
		require.ErrorContains(t, err, want, fmt.Sprint(spec))
	}
}
