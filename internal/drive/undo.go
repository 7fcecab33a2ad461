package drive

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// BeginUndo answers engine.BeginUndo: the intent to undo, or that the step
// cannot be undone and stays as it is. To put back what is protected changes it
// once more: the yes to the step was none to that.
func (d *Driver) BeginUndo(s engine.State, path string) event.Event {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	if why := d.cannotUndo(n); why != "" {
		return d.event(path, event.UndoSkipped{Reason: why})
	}
	use := n.Action
	if n.Undo != nil {
		use = n.Undo
	}
	var touches []string
	if c, err := d.prepare(s, path, use, d.at(s, path)); err == nil { // else undoing says what is wrong
		var asked *event.ApprovalAsked
		touches, asked, err = d.guarded(s, st, c, true)
		switch {
		case err != nil:
			return d.event(path, event.UndoFailed{Attempt: st.Undo.Attempt, Error: failure(d.redact, err)})
		case asked != nil:
			return d.event(path, *asked)
		}
	}
	return d.event(path, event.UndoStarted{
		Attempt: st.Undo.Attempt + 1, Key: d.cfg.Run + "/" + path + "/undo", Touches: touches,
	})
}

// cannotUndo says why a step cannot be undone, "" if it can.
func (d *Driver) cannotUndo(n *plan.Node) string {
	if n.Undo != nil {
		return ""
	}
	act, ok := d.cfg.Action(n.Action.Action)
	if !ok {
		return "this irctl has no action " + n.Action.Action
	}
	_, undoes := act.(action.Undoer)
	switch {
	case !undoes && act.Spec().Counterpart != "":
		return n.Action.Action + " has no undo of its own; use " + act.Spec().Counterpart
	case !undoes:
		return n.Action.Action + " has no undo"
	}
	return ""
}

// Undo puts back what the step at path changed, and what other runs left to it,
// newest first. If another run relies on it, nothing is changed and that run
// inherits all of it. inDoubt says that another process began it: an action's
// own Undo is harmless to repeat, an undo that the runbook gave may not be.
func (d *Driver) Undo(ctx context.Context, s engine.State, path string, inDoubt bool, hooks Hooks) Outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, defaultTimeout, errTimeUp)
	defer cancel()
	st, _ := s.Step(path)
	id, doubted := d.id(path, undoing, st.Undo.Attempt), d.doubted(st)
	if inDoubt {
		again := d.id(path, redoing, st.Undo.Attempt)
		id, doubted = again, append(doubted, id, again)
	}
	ctx, done, err := d.own(ctx, id, doubted)
	defer done()
	if err != nil {
		return Outcome{Err: err}
	}
	return d.locked(ctx, s, path, hooks, Outcome{}, func(r *claim.Resource) Outcome {
		if r == nil {
			return d.PutBack(ctx, s, path, st.Undo.Key, inDoubt, hooks)
		}
		return d.undoShared(ctx, s, st, *r, inDoubt, hooks)
	})
}

// PutBack undoes the step at path by itself, under a key, whoever relies on it.
func (d *Driver) PutBack(ctx context.Context, s engine.State, path, key string, inDoubt bool, hooks Hooks) Outcome {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	use := n.Action
	if n.Undo != nil {
		use = n.Undo
	}
	c, err := d.prepare(s, path, use, d.at(s, path))
	if err == nil {
		err = d.reach(ctx, &c)
	}
	if err != nil {
		return Outcome{Err: err}
	}
	if n.Undo == nil {
		c.req.Undoes = c.req.Key
	}
	c.req.Key = key
	out := newSink(d, hooks)
	var res action.Result
	if n.Undo == nil {
		res, err = undo(ctx, c.act, c.req, out)
		return Outcome{Result: res, Err: err, Artifacts: out.close()}
	}
	c.req.Record, c.req.Outputs = st.Undo.Record, nil
	if inDoubt && !c.spec.Idempotent {
		seen, lookErr := d.look(ctx, &c)
		switch {
		case lookErr == nil && seen.Known && seen.Desired:
			return Outcome{Observed: true, Result: action.Result{Summary: seen.Current}}
		case lookErr != nil || !seen.Repeatable:
			return Outcome{Err: &action.Error{
				Message: "irctl ended while it was undoing this step, and nobody can tell how far it came",
				Hint:    "look at the target; then retry to undo it again, or skip if it is undone",
			}}
		}
	}
	res, err = run(ctx, c.act, c.req, out)
	return Outcome{Result: res, Err: err, Artifacts: out.close()}
}

func undo(ctx context.Context, act action.Action, req action.Request, out action.Sink) (res action.Result, err error) {
	u, ok := act.(action.Undoer)
	if !ok {
		return res, fmt.Errorf("%s has no undo", act.Spec().Name)
	}
	defer caught(&err)
	return u.Undo(ctx, req, out)
}

// UndoOutcome answers engine.PerformUndo with how undoing ended.
func (d *Driver) UndoOutcome(s engine.State, path string, o Outcome) event.Event {
	st, _ := s.Step(path)
	if o.Left.Run != "" {
		return d.event(path, event.UndoSkipped{To: o.Left.Run, Reason: fmt.Sprintf("%s relies on it, since %s; rolling that back puts back what was there before", o.Left.Name, o.Left.Since.UTC().Format("2006-01-02 15:04 UTC"))})
	}
	if o.Err != nil {
		f := failure(d.redact, o.Err)
		f.Doubt = action.IsDoubtful(o.Err)
		return d.event(path, event.UndoFailed{Attempt: st.Undo.Attempt, Error: f})
	}
	return d.event(path, event.StepUndone{
		Attempt: st.Undo.Attempt, Observed: o.Observed,
		Summary: d.said(o.Result.Summary),
	})
}
