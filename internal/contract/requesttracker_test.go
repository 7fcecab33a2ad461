package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// ticketSystem is a Request Tracker, as far as its REST 2 interface is used.
type ticketSystem struct {
	tap
	faults  actiontest.Faults
	req     action.Request
	mu      sync.Mutex
	tickets []*ticket
	// comments are a part of the state, except for a step that closes a ticket:
	// what was said stays.
	comments bool
}

type ticket struct {
	subject, status string
	comments        []string // their subjects
}

func startTracker(t *testing.T, a action.Action) actiontest.StandIn {
	s := &ticketSystem{tickets: []*ticket{{subject: "theirs", status: "stalled"}}, comments: a.Spec().Name != "investigation.close"}
	web := httptest.NewServer(s.tapped(faulty(&s.faults, s)))
	t.Cleanup(web.Close)
	s.req = request(t, a, "request-tracker", action.Values{
		"title": "Breach", "case": "1", "text": "Closed", "resolution": "Phished",
	}, map[string]any{"url": web.URL, "queue": "Incidents", "token": action.NewSecret("t")})
	return s
}

func (s *ticketSystem) Request() action.Request    { return s.req }
func (s *ticketSystem) Faults() *actiontest.Faults { return &s.faults }

func (s *ticketSystem) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, k := range s.tickets {
		text += k.subject + " is " + k.status
		if s.comments {
			text += strings.Join(k.comments, ", ")
		}
		text += "\n"
	}
	return text
}

var askedTag = regexp.MustCompile(`LIKE '(\[.*\])'`)

// ServeHTTP implements http.Handler.
func (s *ticketSystem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var body struct{ Subject, Status string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	answer := s.answer(w, r, body.Subject, body.Status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *ticketSystem) answer(w http.ResponseWriter, r *http.Request, subject, status string) any {
	path := strings.TrimPrefix(r.URL.Path, "/REST/2.0")
	var items []any
	switch path {
	case "/rt":
		return map[string]any{"Version": "5.0.3"}
	case "/queue/Incidents":
		return map[string]any{"_hyperlinks": []any{map[string]any{"ref": "create", "type": "ticket"}}}
	case "/tickets":
		tag := askedTag.FindStringSubmatch(r.URL.Query().Get("query"))[1]
		for i, k := range s.tickets {
			if strings.Contains(k.subject, tag) {
				items = append(items, map[string]any{"id": fmt.Sprint(i + 1), "Status": k.status})
			}
		}
		return map[string]any{"items": items}
	case "/ticket":
		s.tickets = append(s.tickets, &ticket{subject: subject, status: "new"})
		return map[string]any{"id": fmt.Sprint(len(s.tickets))}
	}
	var n int
	_, _ = fmt.Sscanf(path, "/ticket/%d", &n)
	k := s.tickets[n-1]
	switch {
	case strings.HasSuffix(path, "/attachments"):
		for _, c := range k.comments {
			if r.URL.Query().Get("page") == "1" {
				items = append(items, map[string]any{"Subject": c})
			}
		}
		return map[string]any{"items": items}
	case strings.HasSuffix(path, "/comment"):
		k.comments = append(k.comments, subject)
	case r.Method == http.MethodPut:
		k.status = status
	default:
		w.Header().Set("ETag", `"`+k.status+`"`)
		return map[string]any{"Status": k.status}
	}
	return []string{"done"}
}
