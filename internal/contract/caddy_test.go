package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/website"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// caddy is the route of a site, as Caddy's admin API shows and changes it.
type caddy struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu       sync.Mutex
	handlers []any
	version  int
}

func startCaddy(t *testing.T, a action.Action) actiontest.StandIn {
	s := &caddy{handlers: []any{map[string]any{"handler": "team"}}}
	admin, web := httptest.NewServer(s.tapped(faulty(&s.faults, http.HandlerFunc(s.admin)))), httptest.NewServer(s.tapped(faulty(&s.faults, http.HandlerFunc(s.visit))))
	t.Cleanup(func() { admin.Close(); web.Close() })
	given := map[string]any{"admin": admin.URL, "id": "portal", "check_url": web.URL}
	with := action.Values{"message": "We are closed."}
	s.req = request(t, a, "caddy", with, given)
	if a.Spec().Name == "website.restore" {
		_, err := website.Suspend().Run(hurry(t.Context(), s), request(t, website.Suspend(), "caddy", with, given), &actiontest.Sink{})
		require.NoError(t, err)
	}
	return s
}

func (s *caddy) Request() action.Request    { return s.req }
func (s *caddy) Faults() *actiontest.Faults { return &s.faults }

func (s *caddy) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.Marshal(s.handlers)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// admin answers at the admin API.
func (s *caddy) admin(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	etag := fmt.Sprintf(`"/id/portal %d"`, s.version)
	switch {
	case r.Method == http.MethodGet:
		w.Header().Set("ETag", etag)
		_ = json.NewEncoder(w).Encode(map[string]any{"@id": "portal", "handle": s.handlers})
	case r.Header.Get("If-Match") != etag:
		w.WriteHeader(http.StatusPreconditionFailed)
	default:
		s.change(r)
	}
}

func (s *caddy) change(r *http.Request) {
	var at int
	_, _ = fmt.Sscanf(r.URL.Path, "/id/portal/handle/%d", &at)
	var h any
	_ = json.NewDecoder(r.Body).Decode(&h)
	switch r.Method {
	case http.MethodPut:
		s.handlers = slices.Insert(s.handlers, at, h)
	case http.MethodPatch:
		s.handlers[at] = h
	case http.MethodDelete:
		s.handlers = slices.Delete(s.handlers, at, at+1)
	}
	s.version++
}

// visit answers visitors: with the first handler's answer if it is irctl's.
func (s *caddy) visit(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, _ := s.handlers[0].(map[string]any)
	if first["handler"] != "subroute" {
		_, _ = w.Write([]byte("the portal"))
		return
	}
	route, _ := first["routes"].([]any)[0].(map[string]any)
	answer, _ := route["handle"].([]any)[0].(map[string]any)
	headers, _ := answer["headers"].(map[string]any)
	w.Header().Set("Retry-After", fmt.Sprint(headers["Retry-After"].([]any)[0]))
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(fmt.Sprint(answer["body"]))))
}
