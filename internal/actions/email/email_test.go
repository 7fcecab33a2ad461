package email

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// server is a mail system with an API.
type server struct {
	mu      sync.Mutex
	state   string
	changes []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		s.state = map[string]string{"/suspend": "suspended", "/restore": "running"}[r.URL.Path]
		s.changes = append(s.changes, r.URL.Path+" "+string(body)+" "+r.Header.Get("Idempotency-Key"))
		return
	}
	_, _ = w.Write([]byte(`{"state":"` + s.state + `"}`))
}

func request(t *testing.T, s *server, a action.Action, with action.Values) action.Request {
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	form, _ := a.Spec().TargetType("http")
	config, problems := coerce.Fields(form.Fields, map[string]any{
		"base_url": web.URL,
		"status":   map[string]any{"path": "/state", "suspended_when": map[string]any{"json": map[string]any{"state": "suspended"}}},
		"suspend":  map[string]any{"path": "/suspend", "body": map[string]any{"notice": "{notice}"}},
		"restore":  map[string]any{"path": "/restore"},
	})
	require.Empty(t, problems)
	return action.Request{
		Run: "01JD", Path: "email", Key: "01JD/email", Attempt: 1,
		With: actiontest.Fill(a.Spec().Inputs, with), Target: action.Target{Name: "corporate-mail", Type: "http", Config: config},
		Allow: action.Allow{Loopback: true},
	}
}

func TestSuspendAndUndo(t *testing.T) {
	s := &server{state: "running"}
	req := request(t, s, Suspend(), action.Values{"notice": `closed", "state": "x`})
	out := &actiontest.Sink{OnRecord: func(map[string]any) { require.Empty(t, s.changes) }}
	r, err := Suspend().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.True(t, r.Changed)
	require.Equal(t, []string{`/suspend {"notice":"closed\", \"state\": \"x"} 01JD/email`}, s.changes)
	again, err := Suspend().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, again.Already)
	req.Record = out.Recorded()
	_, err = Suspend().(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, "running", s.state)
}

func TestWhatWasSuspendedBeforeStaysSo(t *testing.T) {
	s := &server{state: "suspended"}
	req := request(t, s, Suspend(), nil)
	out := &actiontest.Sink{}
	r, err := Suspend().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.True(t, r.Already)
	req.Record = out.Recorded()
	_, err = Suspend().(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, "suspended", s.state)
	require.Empty(t, s.changes)
}

func TestSpecsAreManuals(t *testing.T) {
	for _, a := range []action.Action{Suspend(), Restore()} {
		s := a.Spec()
		require.NotEmpty(t, s.Description)
		require.True(t, strings.Contains(s.Example, "uses: "+s.Name), s.Name)
	}
}
