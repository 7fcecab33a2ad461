package drive

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// maxLooks is how many different answers of a target a wait writes down. How
// it ended is written down in any case.
const maxLooks = 32

// NextLook is when a wait asks its target again: its looks are whole intervals
// after its beginning apart, however often it was resumed. Times are in UTC.
func (d *Driver) NextLook(s engine.State, path string) time.Time {
	st, _ := s.Step(path)
	interval := d.Interval(s, path)
	return st.Since.Add((d.now().Sub(st.Since)/interval + 1) * interval)
}

// Look asks the target of the wait at path. It changes nothing, so it may be
// cut off at any moment.
func (d *Driver) Look(ctx context.Context, s engine.State, path string, hooks Hooks) Outcome {
	st, _ := s.Step(path)
	ctx, cancel := d.cfg.Until(ctx, d.now().Add(lookTime), errTimeUp)
	defer cancel()
	id := d.id(path, looking, st.Attempt)
	ctx, done, err := d.own(ctx, id, []string{id})
	defer done()
	if err != nil {
		return Outcome{Err: err}
	}
	use := nodeOf(s, st).Verify
	c, err := d.prepare(s, path, use, d.at(s, path))
	if err == nil {
		err = d.reach(ctx, &c)
	}
	if err != nil {
		return Outcome{Err: err}
	}
	if err := d.spared(s, st, c); err != nil {
		return Outcome{Err: err}
	}
	if d.reads(use) {
		res, err := run(ctx, c.act, c.req, Unrecorded{hooks})
		return Outcome{Result: res, Err: err, Observed: true}
	}
	seen, err := inspect(ctx, c)
	return Outcome{Result: action.Result{Outputs: seen.Outputs, Summary: orUnknown(seen.Current)}, Err: err, Observed: seen.Known && seen.Desired}
}

// reads reports whether a use of an action changes nothing.
func (d *Driver) reads(use *plan.Use) bool {
	act, ok := d.cfg.Action(use.Action)
	if !ok {
		return false
	}
	spec, by := act.Spec(), ""
	for _, a := range use.With {
		if text, is := a.Value.Raw.(string); is && a.Name == spec.ReadIf.Input {
			by = text
		}
	}
	return spec.EffectWith(by) == action.Read
}

// Looked says what a look at the target of a wait means: it is over, or
// something new was seen. Otherwise ok is false.
func (d *Driver) Looked(s engine.State, path string, o Outcome) (e event.Event, ok bool) {
	st, _ := s.Step(path)
	if st.Phase != engine.Timing {
		return event.Event{}, false // it has ended meanwhile
	}
	n := nodeOf(s, st)
	holds, summary := o.Err == nil && o.Observed, d.said(o.Result.Summary)
	outputs := d.outputs(o.Result.Outputs)
	var err error
	var known *action.Error
	switch {
	case o.Err != nil:
		if summary = failure(d.redact, o.Err).Message; errors.As(o.Err, &known) && known.Permanent {
			err = o.Err
		}
	case n.Condition != "":
		sc := d.at(s, path)
		sc.own = &result{n, outputs}
		holds, err = d.condition(n.Condition, sc)
	}
	switch {
	case err != nil:
		return d.event(path, d.failed(s, path, 0, failure(d.redact, err))), true
	case holds:
		return d.event(path, event.StepSucceeded{Outputs: outputs, Summary: summary}), true
	case summary == st.Summary || st.Looks >= maxLooks:
		return event.Event{}, false
	}
	return d.event(path, event.TargetLooked{Summary: summary}), true
}

// useWords names a use of an action.
func useWords(u *plan.Use) string {
	if u.Target == "" {
		return u.Action
	}
	return u.Action + " on " + u.Target
}

// Unrecorded takes what a look says: it is shown, and only its outputs are kept.
type Unrecorded struct{ hooks Hooks }

// Record keeps nothing: what only reads has nothing to put back.
func (Unrecorded) Record(map[string]any) error { return nil }

func (Unrecorded) Artifact(_ string, r io.Reader) (string, int64, error) {
	size, err := io.Copy(io.Discard, r)
	return "", size, err
}

func (Unrecorded) Output(string) io.Writer { return io.Discard }

func (s Unrecorded) Progress(line string) {
	if s.hooks.Progress != nil {
		s.hooks.Progress(line)
	}
}
