package described_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

var mail = described.System{
	Noun:   "mail",
	Inputs: []action.Field{{Name: "notice", Type: action.String}, {Name: "retry_after", Type: action.Duration}, {Name: "token", Type: action.String, Secret: true}},
	Verbs: []described.Verb{
		{Name: "suspend", State: "suspended", Summary: "defer what comes in", Outputs: []action.Field{{Name: "queued", Type: action.Int}}},
		{Name: "restore", State: "running", Summary: "accept mail again"},
	},
}

var cases = described.System{
	Noun:   "the case",
	Inputs: []action.Field{{Name: "title", Type: action.String}, {Name: "labels", Type: action.List}, {Name: "case", Type: action.String}},
	Verbs: []described.Verb{
		{Name: "open", Summary: "open a case for {title}", Outputs: []action.Field{{Name: "case", Type: action.String, Required: true}, {Name: "location", Type: action.String}}},
		{Name: "close", Summary: "close {case}", Optional: true},
	},
}

type obj = map[string]any

// target checks a config as the environment does.
func target(t *testing.T, s described.System, kind string, config obj) action.Target {
	t.Helper()
	for _, tt := range s.Targets() {
		if tt.Name == kind {
			values, problems := coerce.Fields(tt.Fields, config)
			require.Empty(t, problems)
			require.Empty(t, tt.Check(values))
			return action.Target{Name: "corporate-mail", Type: kind, Config: values}
		}
	}
	t.Fatalf("no target type %q", kind)
	return action.Target{}
}

// bound is a verb with the request of a step.
type bound struct {
	action.Action
	req action.Request
}

func call(s described.System, verb string, req action.Request) bound {
	return bound{kind.New(action.Spec{Name: verb}, s.Kinds(verb)...), req}
}

func (b bound) Run(ctx context.Context, out action.Sink) (action.Result, error) {
	return b.Action.Run(ctx, b.req, out)
}

func (b bound) Inspect(ctx context.Context) (action.Inspection, error) {
	return b.Action.(action.Inspector).Inspect(ctx, b.req)
}

func (b bound) Undo(ctx context.Context, out action.Sink) (action.Result, error) {
	return b.Action.(action.Undoer).Undo(ctx, b.req, out)
}

func (b bound) Preflight(ctx context.Context) []error {
	return b.Action.(action.Preflighter).Preflight(ctx, b.req)
}

// system is a mail system with an API, and what was asked of it.
type system struct {
	mu     sync.Mutex
	state  string
	fail   int // answers with 503 before it works
	lose   bool
	asked  []string
	bodies []string
}

func (s *system) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Idempotency-Key"))
	s.bodies = append(s.bodies, string(body))
	if r.Method != http.MethodGet && s.fail > 0 {
		s.fail--
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/suspend":
		s.state = "suspended"
	case "/restore":
		s.state = "running"
	}
	if r.Method != http.MethodGet && s.lose {
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(obj{"mail": obj{"state": s.state}, "queue": 4})
}

func (s *system) changes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, a := range s.asked {
		if !strings.HasPrefix(a, "GET") {
			out = append(out, a)
		}
	}
	return out
}

func (s *system) request(t *testing.T, more obj) action.Request {
	t.Helper()
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	config := obj{
		"base_url": server.URL, "settle": "0s",
		"status":  obj{"path": "/status", "suspended_when": obj{"json": obj{"mail.state": "suspended"}}, "outputs": obj{"queued": obj{"json": "queue"}}},
		"suspend": obj{"path": "/suspend", "body": obj{"text": "{notice}", "for": "{retry_after_seconds}", "say": "until then: {notice}", "token": "{token}", "list": []any{"{run}"}}},
		"restore": obj{"path": "/restore"},
	}
	for k, v := range more {
		config[k] = v
	}
	return action.Request{
		Run: "01RUN", Path: "email", Key: "01RUN/email", Allow: action.Allow{Loopback: true}, Target: target(t, mail, "http", config),
		With: action.Values{"notice": `call "us" }`, "retry_after": time.Hour, "token": action.NewSecret("s3cret")},
	}
}

func TestRunChangesTheStateAndUndoPutsItBack(t *testing.T) {
	s := &system{state: "running"}
	req, out := s.request(t, nil), &actiontest.Sink{}
	out.OnRecord = func(obj) { require.Empty(t, s.changes(), "recorded before the first change") }
	in, err := call(mail, "suspend", req).Inspect(context.Background())
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Repeatable: true, Current: "mail at corporate-mail is running", Want: "mail at corporate-mail is suspended", Outputs: obj{"queued": int64(4)}}, in)

	got, err := call(mail, "suspend", req).Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "mail at corporate-mail is suspended", Outputs: obj{"queued": int64(4)}}, got)
	require.Equal(t, []string{"POST /suspend 01RUN/email"}, s.changes())
	require.Equal(t, obj{"previous": "running"}, out.Recorded())
	require.JSONEq(t, `{"text":"call \"us\" }","for":3600,"say":"until then: call \"us\" }","token":"s3cret","list":["01RUN"]}`, s.bodies[2])

	req.Record = out.Recorded()
	got, err = call(mail, "suspend", req).Undo(context.Background(), &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "mail at corporate-mail is running", Outputs: obj{}}, got)
	got, err = call(mail, "suspend", req).Undo(context.Background(), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, got.Already)
	require.Equal(t, []string{"POST /suspend 01RUN/email", "POST /restore 01RUN/email"}, s.changes())
}

func TestRunLeavesAloneWhatIsSo(t *testing.T) {
	s := &system{state: "suspended"}
	req, out := s.request(t, nil), &actiontest.Sink{}
	got, err := call(mail, "suspend", req).Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Already: true, Summary: "mail at corporate-mail is suspended", Outputs: obj{"queued": int64(4)}}, got)
	require.Empty(t, out.Recorded())
	got, err = call(mail, "suspend", req).Undo(context.Background(), out)
	require.NoError(t, err)
	require.True(t, got.Already, "a run that changed nothing has nothing to undo")
	require.Empty(t, s.changes())
}

func TestUndoLeavesAPreviousStateThatWasTheSame(t *testing.T) {
	s := &system{state: "suspended"}
	req := s.request(t, nil)
	req.Record = obj{"previous": "suspended"}
	got, err := call(mail, "suspend", req).Undo(context.Background(), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, got.Already)
	require.Empty(t, s.changes())
}

func TestNothingIsDoneWithoutARecord(t *testing.T) {
	s := &system{state: "running"}
	full := errors.New("no space left on device")
	_, err := call(mail, "suspend", s.request(t, nil)).Run(context.Background(), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Empty(t, s.changes())
}

func TestALaterAttemptKeepsTheFirstRecord(t *testing.T) {
	s := &system{state: "running", fail: 1}
	req, out := s.request(t, nil), &actiontest.Sink{}
	_, err := call(mail, "suspend", req).Run(context.Background(), out)
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, []any{3 * time.Second, false, false}, []any{e.After, e.Permanent, e.Doubt})
	req.Record = out.Recorded()
	s.state = "suspended" // it took effect after all
	second := &actiontest.Sink{}
	got, err := call(mail, "suspend", req).Run(context.Background(), second)
	require.NoError(t, err)
	require.True(t, got.Changed)
	require.Empty(t, second.Recorded())
}

func TestALostAnswerIsClearedUpByTheStatus(t *testing.T) {
	s := &system{state: "running", lose: true}
	got, err := call(mail, "suspend", s.request(t, nil)).Run(context.Background(), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, got.Changed)
}

func TestAStatusThatSaysNothingClear(t *testing.T) {
	for name, status := range map[string]obj{
		"no such path": {"path": "/status", "suspended_when": obj{"json": obj{"state": "suspended"}}},
		"neither":      {"path": "/status", "suspended_when": obj{"contains": "S1"}, "running_when": obj{"contains": "S2"}},
		"both":         {"path": "/status", "suspended_when": obj{"contains": "mail"}, "running_when": obj{"matches": "st.te"}},
		"not filled":   {"path": "/status/{case}", "suspended_when": obj{"contains": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "not filled" {
				status["path"] = "/status?token={notice}"
			}
			s := &system{state: "running"}
			req := s.request(t, obj{"status": status})
			if name == "not filled" {
				delete(req.With, "notice")
			}
			in, err := call(mail, "suspend", req).Inspect(context.Background())
			require.NoError(t, err)
			require.False(t, in.Known)
			_, err = call(mail, "suspend", req).Run(context.Background(), &actiontest.Sink{})
			require.ErrorContains(t, err, "nobody could put it back")
			require.Empty(t, s.changes())
		})
	}
}

func TestAnEffectThatDoesNotShow(t *testing.T) {
	s := &system{state: "running"}
	req := s.request(t, obj{"suspend": obj{"path": "/other"}})
	_, err := call(mail, "suspend", req).Run(context.Background(), &actiontest.Sink{})
	require.EqualError(t, err, "suspend was carried out without an error, but mail at corporate-mail is running")
}

func TestDoneOnceWithACheck(t *testing.T) {
	var mu sync.Mutex
	opened := map[string]string{}
	asked := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.RequestURI())
		if r.Method == http.MethodPost {
			opened[r.Header.Get("X-Key")] = "INC-7"
			w.Header().Set("Location", "https://cases.example.com/INC-7")
			_, _ = fmt.Fprint(w, `{"id":"INC-7"}`)
			return
		}
		id, ok := opened[r.URL.Query().Get("key")]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":%q}`, id)
	}))
	defer server.Close()
	req := action.Request{Key: "01RUN/open & more", Allow: action.Allow{Loopback: true}, With: action.Values{"title": "Breach"}, Target: target(t, cases, "http", obj{
		"base_url": server.URL, "idempotency_header": "X-Key",
		"open": obj{
			"path": "/cases", "body": obj{"title": "{title}", "labels": "{labels}"},
			"outputs": obj{"case": obj{"json": "id"}, "location": obj{"header": "Location"}},
			"check":   obj{"path": "/find?key={key}", "done_when": obj{"status": []any{200}}, "outputs": obj{"case": obj{"json": "id"}}},
		},
	})}
	in, err := call(cases, "open", req).Inspect(context.Background())
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Current: "it is not done at corporate-mail", Want: "open a case for Breach", Outputs: obj{}}, in)

	out := &actiontest.Sink{}
	got, err := call(cases, "open", req).Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, obj{"case": "INC-7", "location": "https://cases.example.com/INC-7"}, got.Outputs)
	require.True(t, got.Changed)
	again, err := call(cases, "open", req).Run(context.Background(), out)
	require.NoError(t, err)
	require.True(t, again.Already)
	require.Equal(t, obj{"case": "INC-7"}, again.Outputs)
	require.Equal(t, 1, strings.Count(strings.Join(asked, "\n"), "POST"))
	require.Contains(t, asked, "GET /find?key=01RUN%2Fopen+%26+more")

	_, err = call(cases, "close", req).Run(context.Background(), out)
	require.ErrorContains(t, err, "does not say how to close")
	_, undoes := call(cases, "open", req).Action.(action.Undoer)
	require.False(t, undoes, "what is done once cannot be undone")
}

func TestARequiredOutputThatIsMissingIsInDoubt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{}`) }))
	defer server.Close()
	req := action.Request{Allow: action.Allow{Loopback: true}, Target: target(t, cases, "http", obj{
		"base_url": server.URL, "open": obj{"path": "/cases", "outputs": obj{"case": obj{"json": "id"}}},
	})}
	_, err := call(cases, "open", req).Run(context.Background(), &actiontest.Sink{})
	require.True(t, action.IsDoubtful(err))
	require.ErrorContains(t, err, "its case is not in the answer")
}

func TestPathsTakeValuesAsOnePart(t *testing.T) {
	users := described.System{Noun: "the sessions", Plural: true, Inputs: []action.Field{{Name: "account", Type: action.String}}, Verbs: []described.Verb{{Name: "revoke", Summary: "end the sessions of {account}"}}}
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Method + " " + r.RequestURI }))
	defer server.Close()
	req := action.Request{Allow: action.Allow{Loopback: true}, Target: target(t, users, "http", obj{"base_url": server.URL + "/api/", "revoke": obj{"method": "DELETE", "path": "/users/{account}/sessions?why={account}"}})}
	for account, want := range map[string]string{
		"alice":      "DELETE /api/users/alice/sessions?why=alice",
		"../admin?x": "DELETE /api/users/..%2Fadmin%3Fx/sessions?why=..%2Fadmin%3Fx",
		"a b&c=d":    "DELETE /api/users/a%20b&c=d/sessions?why=a+b%26c%3Dd",
	} {
		req.With = action.Values{"account": account}
		res, err := call(users, "revoke", req).Run(context.Background(), &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, want, asked)
		require.Contains(t, res.Summary, "end the sessions of "+account)
	}
	for _, account := range []string{"", ".", ".."} {
		asked = ""
		req.With = action.Values{"account": account}
		_, err := call(users, "revoke", req).Run(context.Background(), &actiontest.Sink{})
		require.Error(t, err)
		require.Empty(t, asked, "nothing was sent for %q", account)
	}
}

func TestPreflight(t *testing.T) {
	s := &system{state: "running"}
	require.Empty(t, call(mail, "suspend", s.request(t, nil)).Preflight(context.Background()))
	require.Empty(t, s.changes())

	req := s.request(t, nil)
	req.Allow = action.Allow{}
	problems := call(mail, "suspend", req).Preflight(context.Background())
	require.Len(t, problems, 1)
	require.ErrorContains(t, problems[0], "does not allow connections")

	req = s.request(t, nil)
	req.Target.Config["suspend"] = obj{"path": "/{nobody}"}
	problems = call(mail, "suspend", req).Preflight(context.Background())
	require.Len(t, problems, 1)
	require.ErrorContains(t, problems[0], "unknown placeholder {nobody}")
}
