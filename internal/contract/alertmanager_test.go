package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/systems/alertmanager"
	"github.com/irctl/irctl/pkg/action"
)

// alerts is an Alertmanager.
type alerts struct {
	tap
	faults   actiontest.Faults
	req      action.Request
	mu       sync.Mutex
	silences []alertmanager.Silence
}

func startAlertmanager(t *testing.T, a action.Action) actiontest.StandIn {
	s := &alerts{}
	s.add(alertmanager.Silence{
		Matchers: []alertmanager.Matcher{{Name: "service", Value: "mail", Equal: true}}, Comment: "theirs",
		StartsAt: time.Now(), EndsAt: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond),
	})
	web := httptest.NewServer(s.tapped(faulty(&s.faults, s)))
	t.Cleanup(web.Close)
	s.req = request(t, a, "alertmanager", action.Values{
		"matchers": []any{`service="portal"`}, "for": time.Hour, "reason": "Closed", "silence": s.silences[0].ID,
	}, map[string]any{"url": web.URL + "/"})
	return s
}

func (s *alerts) Request() action.Request    { return s.req }
func (s *alerts) Faults() *actiontest.Faults { return &s.faults }

// State is what is silenced: an id tells nothing, and what has ended is
// forgotten some time.
func (s *alerts) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, one := range s.silences {
		if one.Active() {
			text += fmt.Sprintln(alertmanager.Written(one.Matchers), one.EndsAt.Round(time.Minute).UTC(), one.Comment)
		}
	}
	return text
}

func (s *alerts) add(one alertmanager.Silence) {
	one.ID = fmt.Sprintf("id-%d", len(s.silences)+1)
	s.silences = append(s.silences, one)
	s.set(len(s.silences)-1, "active")
}

func (s *alerts) set(i int, state string) {
	_ = json.Unmarshal(fmt.Appendf(nil, `{"status": {"state": %q}}`, state), &s.silences[i])
}

// ServeHTTP implements http.Handler.
func (s *alerts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var answer any
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v2"); {
	case path == "/status":
		answer = map[string]any{"versionInfo": map[string]any{"version": "0.27.0"}}
	case path == "/alerts":
		answer = []any{map[string]any{"status": map[string]any{"silencedBy": []string{"id-1"}}}}
	case path == "/silences" && r.Method == http.MethodGet:
		answer = s.silences
	case path == "/silences":
		var one alertmanager.Silence
		_ = json.NewDecoder(r.Body).Decode(&one)
		s.add(one)
		answer = map[string]any{"silenceID": s.silences[len(s.silences)-1].ID}
	default:
		for i := range s.silences {
			if path == "/silence/"+s.silences[i].ID {
				s.set(i, "expired")
			}
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}
