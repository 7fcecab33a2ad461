package contract

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// chatRoom takes messages, and tells which arrived.
type chatRoom struct {
	tap
	faults actiontest.Faults
	req    action.Request
	mu     sync.Mutex
	keys   map[string]bool
}

func startWebhook(t *testing.T, a action.Action) actiontest.StandIn {
	s := &chatRoom{keys: map[string]bool{}}
	web := httptest.NewServer(s.tapped(s))
	t.Cleanup(web.Close)
	s.req = request(t, a, "webhook", action.Values{"text": "Closed"}, map[string]any{"url": web.URL + "/room", "lookup": web.URL + "/keys?key={key}"})
	return s
}

func (s *chatRoom) Request() action.Request    { return s.req }
func (s *chatRoom) Faults() *actiontest.Faults { return &s.faults }

func (s *chatRoom) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(sortedKeys(s.keys), "\n")
}

// ServeHTTP implements http.Handler.
func (s *chatRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	posts := r.Method == http.MethodPost
	fault := s.faults.Next(posts)
	switch fault {
	case actiontest.Lost:
		panic(http.ErrAbortHandler)
	case actiontest.Refused:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case posts:
		s.keys[r.Header.Get("Idempotency-Key")] = true
	case !s.keys[r.URL.Query().Get("key")]:
		w.WriteHeader(http.StatusNotFound)
	}
	if fault == actiontest.Unanswered {
		panic(http.ErrAbortHandler)
	}
	_, _ = fmt.Fprint(w, "ok")
}
