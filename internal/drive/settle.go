package drive

import (
	"context"
	"errors"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// lookTime is how long a look at a target may take when an outcome is in doubt.
const lookTime = 30 * time.Second

// Settle finds out about an attempt that another process began and whose
// outcome was lost: it looks at the target. Already as desired is a success;
// not so, and harmless to repeat, lets the step run again; everything else is
// for a person to find out.
func (d *Driver) Settle(ctx context.Context, s engine.State, path string, hooks Hooks) Outcome {
	return d.locked(ctx, s, path, hooks, Outcome{Unknown: true}, func(*claim.Resource) Outcome { return d.settle(ctx, s, path, hooks) })
}

func (d *Driver) settle(ctx context.Context, s engine.State, path string, hooks Hooks) Outcome {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	c, err := d.prepare(s, path, n.Action, d.at(s, path))
	if err != nil {
		return Outcome{Err: err, Unknown: true}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	ctx, done, err := d.own(ctx, d.id(path, looking, st.Attempt), append(d.doubted(st), d.id(path, doing, st.Attempt)))
	defer done()
	if err != nil {
		return Outcome{Err: err, Unknown: true}
	}
	repeatable := n.Idempotent
	seen, err := d.look(ctx, &c)
	switch {
	case err == nil && seen.Known && seen.Desired:
		o := Outcome{Observed: true, Result: action.Result{Outputs: seen.Outputs, Changed: true, Summary: "found done: " + seen.Current}}
		o.Verified, o.Err = d.verify(ctx, s, path, n, c, o.Result, newSink(d, hooks))
		return o
	case err == nil && seen.Repeatable, repeatable:
		return Outcome{Again: true}
	case err != nil && !errors.Is(err, errNoLook):
		return Outcome{Unknown: true, Err: &action.Error{Message: cutOff + ", and the target cannot be looked at", Cause: err}}
	case err == nil && seen.Known:
		return Outcome{Unknown: true, Err: &action.Error{Message: cutOff + "; the target shows " + orUnknown(seen.Current) + ", but doing it again is not harmless"}}
	}
	return Outcome{Unknown: true, Err: &action.Error{Message: cutOff + ", and " + n.Action.Action + " cannot tell by looking whether it happened"}}
}

// clear settles a doubt that this process has about its own attempt: the
// connection broke after the request was sent, say.
func (d *Driver) clear(ctx context.Context, st engine.Step, c call, n *plan.Node, o Outcome) Outcome {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
	defer cancel()
	ctx, done, err := d.own(ctx, d.id(st.Path, looking, st.Attempt), []string{d.id(st.Path, doing, st.Attempt)})
	defer done()
	if err != nil {
		o.Err, o.Unknown = err, true
		return o
	}
	seen, err := d.look(ctx, &c)
	switch {
	case err == nil && seen.Known && seen.Desired:
		return Outcome{Observed: true, Artifacts: o.Artifacts, Result: action.Result{Outputs: seen.Outputs, Changed: true, Summary: "found done: " + seen.Current}}
	case err == nil && seen.Repeatable, n.Idempotent:
		return o // whatever happened, trying again is safe
	case err == nil && seen.Known:
		o.Err = &action.Error{Message: o.Err.Error(), Hint: "the target shows " + orUnknown(seen.Current) + "; trying again is not harmless", Permanent: true}
		return o
	}
	o.Unknown = true
	return o
}

// errNoLook says that an action has no way to look at its target.
var errNoLook = errors.New("the action cannot look at its target")

// look reaches for the target and inspects it.
func (d *Driver) look(ctx context.Context, c *call) (action.Inspection, error) {
	if _, ok := c.act.(action.Inspector); !ok {
		return action.Inspection{}, errNoLook
	}
	if err := d.reach(ctx, c); err != nil {
		return action.Inspection{}, err
	}
	return inspect(ctx, *c)
}

func inspect(ctx context.Context, c call) (seen action.Inspection, err error) {
	i, ok := c.act.(action.Inspector)
	if !ok {
		return action.Inspection{}, errNoLook
	}
	defer caught(&err)
	return i.Inspect(ctx, c.req)
}
