package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// describedSystem is any system that is described by requests or commands. It
// has a state, or remembers what was done once.
type describedSystem struct {
	machine
	state  string
	states map[string]string // what each verb leads to
	done   map[string]bool   // verbs
}

// startDescribed starts a system with the verb of an action, in the opposite
// state.
func startDescribed(targetType string) func(t *testing.T, a action.Action) actiontest.StandIn {
	return func(t *testing.T, a action.Action) actiontest.StandIn {
		s := &describedSystem{states: map[string]string{}, done: map[string]bool{}}
		s.files, s.program, s.changes = map[string]string{}, s.command, func(argv []string) bool { return argv[0] == "ctl" && len(argv) == 2 && argv[1] != "status" }
		form, _ := a.Spec().TargetType(targetType)
		var verbs, states []string
		for _, f := range form.Fields {
			if slices.ContainsFunc(f.Fields, func(f action.Field) bool { return f.Name == "expect" }) {
				verbs = append(verbs, f.Name)
			}
			if f.Name != "status" {
				continue
			}
			for _, f := range f.Fields {
				if state, ok := strings.CutSuffix(f.Name, "_when"); ok {
					states = append(states, state)
				}
			}
		}
		given := map[string]any{"settle": "1s"}
		if targetType == described.HTTP {
			web := httptest.NewServer(s.tapped(faulty(&s.faults, s)))
			t.Cleanup(web.Close)
			given["base_url"] = web.URL
		}
		_, own, _ := strings.Cut(a.Spec().Name, ".")
		for i, verb := range verbs {
			if len(states) > 0 {
				s.states[verb] = states[i]
			}
			given[verb] = section(targetType, form, verb, len(states) == 0)
		}
		for verb, state := range s.states {
			if verb != own {
				s.state = state
			}
		}
		if len(states) > 0 {
			given["status"] = look(targetType, "status", states[0]+"_when", map[string]any{"json": map[string]any{"state": states[0]}})
		}
		s.req = request(t, a, targetType, action.Values{
			"account": "alice", "notice": "Closed", "message": "Closed", "title": "Breach", "case": "C-1", "text": "Closed", "resolution": "Phished",
			"to": []any{"staff@example.com"}, "subject": "Closed", "body": "Closed", "host": "web1", "values": []any{"203.0.113.66"},
		}, given)
		return s
	}
}

// section describes a verb, and how to tell that it was done.
func section(targetType string, form action.TargetType, verb string, once bool) map[string]any {
	out := map[string]any{"path": "/" + verb}
	if targetType == described.Command {
		out = map[string]any{"argv": []any{"ctl", verb}}
	}
	if !once {
		return out
	}
	check := look(targetType, verb+"/done", "done_when", map[string]any{"json": map[string]any{"done": true}})
	out["check"] = check
	i := slices.IndexFunc(form.Fields, func(f action.Field) bool { return f.Name == verb })
	for _, f := range form.Fields[i].Fields {
		if f.Name == "outputs" && f.Fields[0].Name == "case" {
			out["outputs"] = map[string]any{"case": map[string]any{"json": "id"}}
			check["outputs"] = out["outputs"]
		}
	}
	return out
}

func look(targetType, what, when string, condition map[string]any) map[string]any {
	if targetType == described.Command {
		return map[string]any{"argv": append([]any{"ctl"}, anys(strings.Split(what, "/"))...), when: condition}
	}
	return map[string]any{"path": "/" + what, when: condition}
}

func anys(texts []string) []any {
	var out []any
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}

func (s *describedSystem) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%s %q", s.state, slices.Sorted(maps.Keys(s.done)))
}

// answer carries out what is asked, in words.
func (s *describedSystem) answer(words []string) string {
	switch state, ok := s.states[words[0]]; {
	case ok:
		s.state = state
	case words[0] != "" && words[0] != "status" && len(words) == 1:
		s.done[words[0]] = true
	}
	text, _ := json.Marshal(map[string]any{"state": s.state, "id": "C-1", "done": s.done[words[0]]})
	return string(text)
}

func (s *describedSystem) command(argv []string, _ string) (string, string, int) {
	return s.answer(argv[1:]), "", 0
}

// ServeHTTP implements http.Handler.
func (s *describedSystem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.answer(strings.Split(strings.Trim(r.URL.Path, "/"), "/"))
	_, _ = fmt.Fprint(w, text)
}
