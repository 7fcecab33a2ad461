package trial

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	plain "github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/runbook"
)

// scope is what the expressions of one request may mention.
type scope map[string]any

func (s scope) with(name string, v any) scope {
	out := maps.Clone(s)
	out[name] = v
	return out
}

func (s *server) eval(cel runbook.Text, in scope) (any, error) {
	v, _, err := s.file.texts.Eval(cel.Value, in.resolve)
	return v, err
}

func (s scope) resolve(name string) (any, bool) {
	v, ok := s[name]
	return v, ok
}

// holds reports whether CEL is true; what cannot be worked out is not.
func (s *server) holds(cel runbook.Text, in scope) bool {
	v, err := s.eval(cel, in)
	return err == nil && v == true
}

// fill fills in data. A mistake in it is one of the file of cases.
func (s *server) fill(v any, in scope) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = s.fill(e, in)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = s.fill(e, in)
		}
		return out
	case string:
		filled, _, err := s.file.texts.Value(v, in.resolve)
		if err != nil {
			s.complain("%s: %q cannot be filled in: %v", s.file.Path, v, err)
			return nil
		}
		return plain.Of(filled)
	}
	return v
}

// changes reports whether an effect changes the state.
func (e *Effect) changes() bool {
	return e.Add != "" || len(e.Set) > 0 || e.Remove || slices.ContainsFunc(e.Also, (*Effect).changes)
}

// chosen are the places of the things in a list that an effect is about.
func (s *server) chosen(e *Effect, in scope) (list []any, at []int) {
	name := e.One + e.All
	list, ok := s.state[name].([]any)
	if !ok && name != "" {
		s.complain("%s: the state has no list %q", s.file.Path, name)
	}
	for i, it := range list {
		if !e.Where.Given() || s.holds(e.Where, in.with("it", it)) {
			at = append(at, i)
		}
	}
	return list, at
}

// apply carries out an effect and returns what it is about: one thing, or a list.
func (s *server) apply(e *Effect, in scope) any {
	list, at := s.chosen(e, in)
	about := make([]any, 0, len(at))
	for _, i := range at {
		for _, p := range e.Set {
			list[i] = put(list[i], strings.Split(p.Key.Value, "."), s.fill(p.Value.Data(), in.with("it", list[i])))
		}
		about = append(about, list[i])
	}
	if e.Remove {
		kept := []any{}
		for i, it := range list {
			if !slices.Contains(at, i) {
				kept = append(kept, it)
			}
		}
		s.state[e.One+e.All] = kept
	}
	if e.Add != "" {
		s.made++
		made := s.fill(e.Value, in.with("made", int64(s.made)))
		to, _ := s.state[e.Add].([]any)
		s.state[e.Add] = append(slices.Clone(to), made)
		return made
	}
	if e.One != "" && len(about) > 0 {
		return about[0]
	}
	return about
}

// put is a value with another one at a path.
func put(v any, path []string, to any) any {
	if len(path) == 0 {
		return to
	}
	old, _ := v.(map[string]any)
	out := maps.Clone(old)
	if out == nil {
		out = map[string]any{}
	}
	out[path[0]] = put(old[path[0]], path[1:], to)
	return out
}

// page is the part of a list that is asked for, and where the next one begins: ""
// is nowhere.
func (s *server) page(e *Effect, all []any, in scope) (part []any, next string) {
	from := 0
	if v, err := s.eval(e.From, in); err == nil && v != nil {
		from, _ = strconv.Atoi(plain.Text(v))
	}
	from = min(max(from, 0), len(all))
	to := min(from+e.Pages, len(all))
	if s.endless {
		return all, strconv.Itoa(from)
	}
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return all[from:to], next
}
