package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// read parses a connector, which must be faultless.
func read(t testing.TB, path string) *connector.File {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	return parse(t, filepath.Base(path), string(src))
}

func parse(t testing.TB, name, src string) *connector.File {
	t.Helper()
	f, found := connector.Parse(name, []byte(src))
	if f != nil {
		actions := registry.Builtin()
		found = append(found, f.Check(actions.Spec, actions.Names())...)
	}
	var text bytes.Buffer
	require.NoError(t, found.Render(&text, map[string][]byte{name: []byte(src)}))
	require.Empty(t, text.String())
	return f
}

// directory is a system for tests: people who are active or suspended.
type directory struct {
	*httptest.Server
	mu     sync.Mutex
	people map[string]string
	asked  []string
}

func newDirectory(t testing.TB) *directory {
	d := &directory{people: map[string]string{"alice": "ACTIVE", "bob": "SUSPENDED"}}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, r.Method+" "+r.RequestURI)
	if r.Header.Get("Authorization") != "Bearer s3cret-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/users/"), "/")
	status, known := d.people[name]
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method == http.MethodPost {
		status = map[string]string{"suspend": "SUSPENDED", "unsuspend": "ACTIVE"}[verb]
		d.people[name] = status
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": name, "status": status})
}

// call is an action of a file on a target at a URL.
func call(t testing.TB, f *connector.File, name, url, account string) (action.Action, action.Request) {
	t.Helper()
	r, err := connector.Into(registry.Builtin(), []*connector.File{f})
	require.NoError(t, err)
	a, ok := r.Lookup(name)
	require.True(t, ok)
	return a, action.Request{
		Run: "run", Path: "step", Attempt: 1, Key: "key", With: action.Values{"account": account}, Allow: action.Allow{Loopback: true},
		Target: action.Target{Name: "staff", Type: f.Name.Value, Config: action.Values{"url": url, "token": action.NewSecret("s3cret-token")}},
	}
}

func TestAnActionIsDoneSeenAndPutBack(t *testing.T) {
	d := newDirectory(t)
	f := read(t, "testdata/ok/small.yaml")
	a, req := call(t, f, "account.disable", d.URL, "alice")
	ctx := context.Background()

	seen, err := a.(action.Inspector).Inspect(ctx, req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Repeatable: true, Current: "alice at staff: ACTIVE", Want: "alice at staff: keep an account from signing in", Outputs: map[string]any{},
	}, seen)
	require.Empty(t, d.people["alice"][:0])

	sink := &actiontest.Sink{}
	res, err := a.Run(ctx, req, sink)
	require.NoError(t, err)
	require.Equal(t, "alice at staff: SUSPENDED", res.Summary)
	require.True(t, res.Changed)
	require.Equal(t, "SUSPENDED", d.people["alice"])

	req.Record = map[string]any{"status": "ACTIVE"}
	res, err = a.(action.Undoer).Undo(ctx, req, sink)
	require.NoError(t, err)
	require.True(t, res.Changed)
	require.Equal(t, "alice at staff: ACTIVE, as before the step", res.Summary)
	require.Equal(t, "ACTIVE", d.people["alice"])

	_, req = call(t, f, "account.disable", d.URL, "bob")
	res, err = a.Run(ctx, req, sink)
	require.NoError(t, err)
	require.True(t, res.Already)

	_, req = call(t, f, "account.disable", d.URL, "nobody")
	_, err = a.Run(ctx, req, sink)
	require.EqualError(t, err, "nobody at staff: it is not there, so nothing was changed")
}

// A value is one part of a path, whatever is in it.
func TestAValueNeverLeadsToAnotherPath(t *testing.T) {
	d := newDirectory(t)
	f := read(t, "testdata/ok/small.yaml")
	for value, want := range map[string]string{
		"../admin": "GET /api/users/..%2Fadmin", "a?b=c#d": "GET /api/users/a%3Fb=c%23d", "ä/%2e": "GET /api/users/%C3%A4%2F%252e", "x\r\ny": "GET /api/users/x%0D%0Ay",
	} {
		d.asked = nil
		a, req := call(t, f, "account.disable", d.URL, value)
		_, err := a.(action.Inspector).Inspect(context.Background(), req)
		require.Error(t, err)
		require.Equal(t, []string{want}, d.asked)
	}
	for _, value := range []string{".", "..", ""} {
		a, req := call(t, f, "account.disable", d.URL, value)
		_, err := a.(action.Inspector).Inspect(context.Background(), req)
		require.ErrorContains(t, err, "cannot be a part of the path")
	}
}
