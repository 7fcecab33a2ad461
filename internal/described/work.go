package described

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// previous is the name under which the state before the change is recorded.
const previous = "previous"

// medium is how a description reaches its target.
type medium interface {
	// send fills in a section, sends it and returns the answer. Codes besides
	// the good ones are answers if they are among accept.
	send(ctx context.Context, s *section, f filler, key string, accept []int, out action.Sink) (answer, error)
	// ready finds out whether the target can be reached at all.
	ready(ctx context.Context) error
}

// work is a verb on a target for one call: a kind.Work.
type work struct {
	*description
	form   form
	system System
	verb   Verb
	req    action.Request
	given  map[string]any
	host   *host.Host
	medium medium
	now    sighting // of the last look
	after  bool     // now is what Change led to, and need not be looked for again
}

func (s System) open(v Verb, req action.Request, given map[string]any) (*work, error) {
	w := &work{form: overHTTP, system: s, verb: v, req: req, given: given}
	if req.Target.Type == Command {
		w.form = byCommand
	}
	var problems []action.Problem
	if w.description, problems = w.form.read(s, req.Target.Config); len(problems) > 0 {
		return nil, problems[0].Of(req.Target.Name)
	}
	var err error
	if w.host, err = host.Open(w.via, req.Allow); err != nil {
		return nil, err
	}
	w.medium = shell{w.description, s, w.host}
	if w.form.name == HTTP {
		w.medium, err = newWeb(w.description, req.Allow, w.host)
	}
	return w, err
}

// Close implements kind.Work.
func (w *work) Close() { w.host.Close() }

// Look implements kind.Work.
func (w *work) Look(ctx context.Context, _ action.Values) (kind.State, error) {
	if !w.after {
		var err error
		if w.now, err = w.look(ctx); err != nil {
			return kind.State{}, err
		}
	}
	s := kind.State{
		Desired: w.now.known && w.now.desired, Unknown: !w.now.known, Once: w.verb.State == "" && !w.deduplicates,
		Current: w.now.now, Want: w.say(w.verb.Summary), Summary: w.now.now, Already: w.now.now, Outputs: w.now.outputs,
	}
	if w.verb.State != "" {
		s.Want = w.is(w.verb.State)
	}
	return s, nil
}

// Keep implements kind.Keeper.
func (w *work) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	switch {
	case w.verb.State == "" || record.Has(previous):
		return nil, nil
	case !w.now.known:
		return nil, w.cannotTell(w.now)
	}
	return map[string]any{previous: w.now.state}, nil
}

// Change implements kind.Work.
func (w *work) Change(ctx context.Context, _ action.Values, out action.Sink) (err error) {
	w.now, err = w.act(ctx, out)
	w.after = err == nil
	return err
}

// PutBack implements kind.Restorer: it runs the other verb.
func (w *work) PutBack(ctx context.Context, record action.Values, out action.Sink) (bool, string, error) {
	before, recorded := record[previous].(string)
	switch {
	case !recorded:
		return false, "nothing was changed at " + w.req.Target.Name, nil
	case before == w.verb.State:
		return false, w.is(before) + ", as it was before this run", nil
	}
	w.verb = w.system.other(w.verb)
	now, err := w.look(ctx)
	if err != nil || now.known && now.desired {
		return false, now.now, err
	}
	now, err = w.act(ctx, out)
	return err == nil, now.now, err
}

// act does the verb and looks until its effect shows. An answer that was lost
// does not matter if it does.
func (w *work) act(ctx context.Context, out action.Sink) (sighting, error) {
	s, ok := w.verbs[w.verb.Name]
	if !ok {
		return sighting{}, &action.Error{
			Message:   fmt.Sprintf("the target %s does not say how to %s", w.req.Target.Name, w.verb.Name),
			Hint:      fmt.Sprintf("add a section %q to its config, or do it by hand", w.verb.Name),
			Permanent: true,
		}
	}
	outputs, err := w.do(ctx, s, out)
	if err != nil && !action.IsDoubtful(err) {
		return sighting{}, err
	}
	after, lookErr := w.settled(ctx)
	switch {
	case lookErr == nil && after.known && after.desired:
		maps.Copy(outputs, after.outputs)
	case err != nil:
		return sighting{}, err
	case lookErr != nil:
		return sighting{}, &action.Error{
			Message: fmt.Sprintf("%s was carried out at %s, but the effect could not be checked", w.verb.Name, w.req.Target.Name),
			Cause:   lookErr, Doubt: true,
		}
	case after.known:
		return sighting{}, &action.Error{
			Message: fmt.Sprintf("%s was carried out without an error, but %s", w.verb.Name, after.now),
			Hint:    "if the system takes longer to follow, give the target a longer `settle`",
		}
	default:
		after = sighting{known: true, desired: true, now: w.was()}
	}
	after.outputs = outputs
	return after, w.missing(outputs)
}

// do carries out the verb and returns what the answer says.
func (w *work) do(ctx context.Context, s *section, out action.Sink) (map[string]any, error) {
	f := w.filler(false)
	a, err := w.medium.send(ctx, s, f, w.req.Key, named(s.expect), out)
	if err != nil {
		return map[string]any{}, err
	}
	ok, err := s.expect.holds(a, f)
	if err != nil || !ok {
		return map[string]any{}, &action.Error{
			Message: fmt.Sprintf("%s answered %s, but not as the target's `expect` says", w.req.Target.Name, w.verb.Name),
			Cause:   err, Doubt: true,
		}
	}
	return s.extract(w.verb.Outputs, a), nil
}

// settled looks until the state is as desired or the target's time to follow
// is over.
func (w *work) settled(ctx context.Context) (s sighting, err error) {
	_ = patience.Limit{For: w.settle, Every: 200 * time.Millisecond}.Until(ctx, func() error {
		if s, err = w.look(ctx); err == nil && s.known && !s.desired {
			return errors.New(s.now)
		}
		return err
	})
	return s, err
}

// missing is the error for an answer without an output that others rely on.
func (w *work) missing(outputs map[string]any) error {
	for _, o := range w.verb.Outputs {
		if o.Required && outputs[o.Name] == nil && w.verb.State == "" {
			return &action.Error{
				Message:   fmt.Sprintf("%s was carried out, but its %s is not in the answer", w.verb.Name, o.Name),
				Hint:      fmt.Sprintf("check `outputs: {%s: ...}` in the target's section %q", o.Name, w.verb.Name),
				Permanent: true, Doubt: true,
			}
		}
	}
	return nil
}

// Check implements kind.Checker: the system answers.
func (w *work) Check(ctx context.Context) []error {
	err := w.medium.ready(ctx)
	if err == nil {
		var s sighting
		if s, err = w.look(ctx); err == nil && !s.known && !s.unfilled && w.verb.State != "" {
			err = w.cannotTell(s)
		}
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

func (w *work) cannotTell(s sighting) error {
	return &action.Error{
		Message:   fmt.Sprintf("%s was not done, because nobody could put it back: %s", w.verb.Name, s.now),
		Hint:      "check the `status` section of the target " + w.req.Target.Name,
		Permanent: true,
	}
}
