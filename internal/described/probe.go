package described

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/irctl/irctl/pkg/action"
)

// sighting is what a look at the system found.
type sighting struct {
	known   bool
	desired bool
	state   string // one of the System's states, or "done", "not done"
	now     string // for people
	outputs map[string]any
}

const (
	done    = "done"
	notDone = "not done"
)

// look asks the system for its state, or whether a verb was done.
func (d description) look(ctx context.Context, v Verb) (sighting, error) {
	probe, states := d.probe(v)
	if probe == nil {
		return sighting{now: "nothing tells from the outside whether it was done"}, nil
	}
	f := d.call.filler(true)
	conds := make([]action.Values, len(states))
	for i, state := range states {
		conds[i] = probe.Map(whenName(state))
	}
	a, err := d.system.send(ctx, probe, f, "", d.words.telling(conds...), nil)
	if errors.Is(err, errNotYet) {
		return sighting{now: err.Error()}, nil
	}
	if err != nil {
		return sighting{}, undoubted(err)
	}
	state, err := d.which(states, conds, a, f)
	if err != nil {
		return sighting{now: fmt.Sprintf("%s says nothing clear: %s", d.call.req.Target.Name, err)}, nil
	}
	s := sighting{known: true, state: state, desired: state == states[0], outputs: extract(probe.Map("outputs"), v.Outputs, a)}
	switch {
	case v.State != "":
		s.now = d.call.is(state)
	case s.desired:
		s.now = d.call.was(v)
	default:
		s.now = "it is not done at " + d.call.req.Target.Name
	}
	return s, nil
}

// undoubted takes the doubt off an error: a look changes nothing.
func undoubted(err error) error {
	var e *action.Error
	if !errors.As(err, &e) || !e.Doubt {
		return err
	}
	plain := *e
	plain.Doubt, plain.Hint = false, ""
	return &plain
}

// probe is the section that tells whether a verb's work is done, and the
// states it tells apart, the verb's own first.
func (d description) probe(v Verb) (action.Values, []string) {
	if v.State != "" {
		return d.config.Map("status"), []string{v.State, d.call.system.other(v).State}
	}
	return d.sections[v.Name].Map("check"), []string{done, notDone}
}

func whenName(state string) string { return state + "_when" }

// which finds the state that an answer speaks of. With a condition for one
// state alone the other is whatever does not fulfil it.
func (d description) which(states []string, conds []action.Values, a answer, f filler) (string, error) {
	holds := make([]bool, len(states))
	for i := range states {
		if conds[i] == nil {
			continue
		}
		ok, err := d.words.holds(conds[i], a, f)
		if err != nil {
			return "", err
		}
		holds[i] = ok
	}
	if i := slices.IndexFunc(conds, func(c action.Values) bool { return c == nil }); i >= 0 {
		holds[i] = !holds[1-i]
	}
	switch {
	case holds[0] && holds[1]:
		return "", fmt.Errorf("the answer fits both %q and %q", states[0], states[1])
	case holds[0]:
		return states[0], nil
	case holds[1]:
		return states[1], nil
	}
	return "", fmt.Errorf("the answer fits neither %q nor %q", states[0], states[1])
}

// do carries out a verb and returns what the answer says.
func (d description) do(ctx context.Context, section action.Values, v Verb, out action.Sink) (map[string]any, error) {
	f := d.call.filler(false)
	expect := section.Map("expect")
	a, err := d.system.send(ctx, section, f, d.call.req.Key, d.words.codes(expect), out)
	if err != nil {
		return map[string]any{}, err
	}
	ok, err := d.words.holds(expect, a, f)
	if err != nil || !ok {
		return map[string]any{}, &action.Error{
			Message: fmt.Sprintf("%s answered %s, but not as the target's `expect` says", d.call.req.Target.Name, v.Name),
			Cause:   err, Doubt: true,
		}
	}
	return extract(section.Map("outputs"), v.Outputs, a), nil
}

// reachable finds out whether the system answers.
func (d description) reachable(ctx context.Context, v Verb) error {
	if err := d.system.ready(ctx); err != nil {
		return err
	}
	s, err := d.look(ctx, v)
	if err != nil {
		return err
	}
	if !s.known && v.State != "" && d.fillable(v) {
		return d.call.cannotTell(s)
	}
	return nil
}

// fillable reports whether everything that a look needs is known: before a
// run, a step's own inputs often are not.
func (d description) fillable(v Verb) bool {
	probe, _ := d.probe(v)
	f := d.call.filler(true)
	for name := range walk(probe) {
		if _, _, err := f.value(name.placeholder); err != nil {
			return false
		}
	}
	return true
}
