package simulate

import (
	"cmp"
	"context"
	"errors"

	"github.com/irctl/irctl/pkg/action"
)

// acting is an action without a target: it does what the world says.
type acting struct {
	s    *sim
	spec action.Spec
}

// act returns the action that stands for one of the spec's name. What the real
// one cannot do it must not do either, for the driver decides by that.
func (s *sim) act(spec action.Spec) action.Action {
	a := acting{s, spec}
	inspects, undoes := s.cfg.Inspects(spec.Name), s.cfg.Undoes(spec.Name)
	switch {
	case inspects && undoes:
		return a
	case inspects:
		return struct {
			action.Action
			action.Inspector
		}{a, a}
	case undoes:
		return struct {
			action.Action
			action.Undoer
		}{a, a}
	}
	return struct{ action.Action }{a}
}

// Spec implements action.Action.
func (a acting) Spec() action.Spec { return a.spec }

// recorded is what every simulated change records before it begins.
var recorded = map[string]any{"before": "simulated"}

// Run implements action.Action. It is called once for the attempt and, if the
// step says so, once more for its check.
func (a acting) Run(ctx context.Context, _ action.Request, out action.Sink) (action.Result, error) {
	p := a.s.current
	if p.checks {
		if p.outcome.Disagrees != "" {
			return action.Result{}, errors.New(p.outcome.Disagrees)
		}
		return action.Result{}, nil
	}
	p.checks = true
	o := p.outcome
	begun := ctx.Err() == nil && (o.Kind == Succeeds && !o.Unchanged || o.Kind == Doubtful)
	changes := a.spec.Effect != action.Read && (begun || o.Changed)
	if changes {
		if err := out.Record(recorded); err != nil {
			return action.Result{}, err
		}
	}
	if err := a.failure(ctx, o); err != nil {
		return action.Result{}, err
	}
	return action.Result{
		Outputs: a.s.outputs(a.spec, o.Outputs), Changed: changes, Already: !changes, Summary: o.Summary,
	}, nil
}

// failure is the error of an outcome, nil for a success.
func (a acting) failure(ctx context.Context, o Outcome) error {
	switch {
	case ctx.Err() != nil: // cut off, which proves nothing
		return &action.Error{Message: cmp.Or(o.Message, "no answer"), Doubt: a.spec.Effect != action.Read}
	case o.Kind == Succeeds:
		return nil
	}
	return &action.Error{Message: o.Message, Hint: o.Hint, Permanent: o.Permanent, Doubt: o.Kind == Doubtful}
}

// Inspect implements action.Inspector.
func (a acting) Inspect(context.Context, action.Request) (action.Inspection, error) {
	o := a.s.current.outcome
	if o.Kind == Succeeds { // the look of a verify
		if o.Disagrees != "" {
			return action.Inspection{Known: true, Current: o.Disagrees, Repeatable: true}, nil
		}
		return action.Inspection{Known: true, Desired: true, Current: "as desired"}, nil
	}
	switch o.Finds {
	case Done:
		return action.Inspection{Known: true, Desired: true, Current: "as desired", Outputs: a.s.outputs(a.spec, o.Outputs)}, nil
	case NotDone:
		return action.Inspection{Known: true, Current: "as it was", Repeatable: a.spec.Idempotent || o.Kind == TimesOut}, nil
	}
	return action.Inspection{}, nil
}

// Undo implements action.Undoer.
func (a acting) Undo(ctx context.Context, _ action.Request, _ action.Sink) (action.Result, error) {
	if err := a.failure(ctx, a.s.current.outcome); err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: true, Summary: a.s.current.outcome.Summary}, nil
}
