package described

import (
	"context"
	"errors"
	"fmt"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// sighting is what a look at the system found.
type sighting struct {
	known    bool
	unfilled bool // it could not look, because an input is not known yet
	desired  bool
	state    string // one of the System's states, or "done", "not done"
	now      string // for people
	outputs  map[string]any
}

const (
	done    = "done"
	notDone = "not done"
)

var errNotYet = errors.New("not known yet")

// look asks the system for its state, or whether the verb was done.
func (w *work) look(ctx context.Context) (sighting, error) {
	s, want, other := w.status, w.verb.State, ""
	if want == "" {
		want, other = done, notDone
		if t := w.verbs[w.verb.Name]; t != nil {
			s = t.check
		} else {
			s = nil
		}
	} else {
		other = w.system.other(w.verb).State
	}
	if s == nil {
		return sighting{now: "nothing tells from the outside whether it was done"}, nil
	}
	f := w.filler(true)
	accept := named(s.when[want], s.when[other])
	if len(accept) > 0 {
		accept = append(accept, w.form.telling...)
	}
	a, err := w.medium.send(ctx, s, f, "", accept, nil)
	if errors.Is(err, errNotYet) {
		return sighting{unfilled: true, now: err.Error()}, nil
	}
	if err != nil {
		return sighting{}, host.Certain(err)
	}
	state, err := s.which(want, other, a, f)
	if err != nil {
		return sighting{unfilled: errors.Is(err, errNotYet), now: fmt.Sprintf("%s says nothing clear: %s", w.req.Target.Name, err)}, nil
	}
	out := sighting{known: true, state: state, desired: state == want, outputs: s.extract(w.verb.Outputs, a)}
	switch {
	case w.verb.State != "":
		out.now = w.is(state)
	case out.desired:
		out.now = w.was()
	default:
		out.now = "it is not done at " + w.req.Target.Name
	}
	return out, nil
}

// which finds the state that an answer speaks of. With a condition for one
// state alone the other is whatever does not fulfil it.
func (s *section) which(one, other string, a answer, f filler) (string, error) {
	holds := map[string]bool{}
	for _, state := range []string{one, other} {
		ok, err := s.when[state].holds(a, f)
		if err != nil {
			return "", err
		}
		holds[state] = ok
	}
	for state, opposite := range map[string]string{one: other, other: one} {
		if s.when[state] == nil {
			holds[state] = !holds[opposite]
		}
	}
	switch {
	case holds[one] && holds[other]:
		return "", fmt.Errorf("the answer fits both %q and %q", one, other)
	case holds[one]:
		return one, nil
	case holds[other]:
		return other, nil
	}
	return "", fmt.Errorf("the answer fits neither %q nor %q", one, other)
}

// is says in which state the system is, for people.
func (w *work) is(state string) string {
	verb := "is"
	if w.system.Plural {
		verb = "are"
	}
	return fmt.Sprintf("%s at %s %s %s", w.say(w.system.Noun), w.req.Target.Name, verb, state)
}

// was says that the verb was done, for people.
func (w *work) was() string {
	if w.verb.Done == "" {
		return fmt.Sprintf("done at %s: %s", w.req.Target.Name, w.say(w.verb.Summary))
	}
	return fmt.Sprintf("%s at %s", w.say(w.verb.Done), w.req.Target.Name)
}

// say fills in a text of the author's for people: a secret stays hidden, a
// value that is not known yet stays a placeholder.
func (w *work) say(text string) string {
	f := w.filler(false)
	return placeholder().ReplaceAllStringFunc(text, func(match string) string {
		name, ok := nameOf(match)
		v := f.data[name]
		if !ok || v == nil {
			return match
		}
		if _, secret := v.(action.Secret); secret {
			return fmt.Sprint(v)
		}
		return action.CleanLine(textOf(v), 60)
	})
}
