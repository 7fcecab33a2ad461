package drive

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Claims is how a driver learns what other runs rely on.
type Claims interface {
	// Lock waits until no other run changes a resource, and nobody decides about
	// it. If that takes time, waits is called.
	Lock(ctx context.Context, r claim.Resource, waits func()) (release func(), err error)
	// Inherited are the steps of other runs whose undoing was left to the step at
	// path, also after this run's state was asked last, newest first.
	Inherited(path string) ([]event.Kept, error)
	// Newest is the last step of another run that came to rely on a resource; the
	// zero Hold is none.
	Newest(r claim.Resource) (claim.Hold, error)
	// HandOver makes durable in the journal of that run that it inherits kept.
	HandOver(ctx context.Context, to claim.Hold, kept []event.Kept) error
	// PutBack undoes a step of another run.
	PutBack(ctx context.Context, kept event.Kept, key string, hooks Hooks) Outcome
}

// locked calls do while no other run changes what a step acts on. The outcome
// gives the lock back. Do is given nil if no other run can rely on that;
// unlocked is the outcome, but for its error, if the lock cannot be had.
func (d *Driver) locked(ctx context.Context, s engine.State, path string, hooks Hooks, unlocked Outcome, do func(*claim.Resource) Outcome) Outcome {
	st, _ := s.Step(path)
	act, ok := d.cfg.Action(nodeOf(s, st).Action.Action)
	if !ok || d.cfg.Claims == nil {
		return do(nil)
	}
	r, shared := claim.Of(s, st, act.Spec())
	if !shared {
		return do(nil)
	}
	release, err := d.lock(ctx, st, r, hooks)
	if err != nil {
		unlocked.Err = &action.Error{Message: "nothing was done, because another run is changing it", Hint: "see irctl list for runs that are under way, then retry", Cause: err}
		return unlocked
	}
	o := do(&r)
	o.Release = release
	return o
}

// lock waits no longer than the attempt may take.
func (d *Driver) lock(ctx context.Context, st engine.Step, r claim.Resource, hooks Hooks) (release func(), err error) {
	at := st.Deadline
	if st.Undo.Phase != "" || at.IsZero() {
		at = d.now().Add(defaultTimeout)
	}
	ctx, cancel := d.cfg.Until(ctx, at, errTimeUp)
	defer cancel()
	return d.cfg.Claims.Lock(ctx, r, func() {
		if hooks.Progress != nil {
			hooks.Progress("waiting until another run no longer changes it")
		}
	})
}

// undoShared decides, under the lock on what the step acted on, what to put
// back. Whoever came to rely on it later built on what is there now, and
// inherits what was kept of the state before; who came earlier gets their state
// back. What is put back is recorded one by one: what was put back after it
// would look like somebody else's change.
func (d *Driver) undoShared(ctx context.Context, s engine.State, st engine.Step, r claim.Resource, inDoubt bool, hooks Hooks) (o Outcome) {
	newer, err := d.cfg.Claims.Inherited(st.Path)
	if err != nil {
		return Outcome{Err: err}
	}
	var older []event.Kept
	if s.Own(&st) {
		newer = append(newer, event.Kept{Run: d.cfg.Run, Path: st.Path, Since: st.Since})
		slices.SortStableFunc(newer, func(a, b event.Kept) int { return b.Since.Compare(a.Since) })
	}
	to, err := d.cfg.Claims.Newest(r)
	if i := slices.IndexFunc(newer, func(k event.Kept) bool { return k.Since.Before(to.Since) }); err == nil && i >= 0 {
		newer, older = newer[:i], newer[i:]
		err = d.cfg.Claims.HandOver(ctx, to, older)
	}
	if err != nil {
		return Outcome{Err: err}
	}
	if len(newer) == 0 {
		return Outcome{Left: to}
	}
	for _, k := range newer {
		back := recordBack + k.Run + "/" + k.Path
		if st.Undo.Record[back] != nil {
			continue
		}
		if k.Run == d.cfg.Run {
			o = d.PutBack(ctx, s, st.Path, st.Undo.Key, inDoubt, hooks)
		} else {
			o = d.cfg.Claims.PutBack(ctx, k, st.Undo.Key, hooks)
		}
		if o.Err == nil && len(newer) > 1 {
			o.Err = hooks.Record(event.Values{back: true})
		}
		if o.Err != nil {
			return o
		}
	}
	if len(older) > 0 {
		o.Result.Summary += "; " + to.Name + " relies on what was done before, and gives back the rest"
	}
	return o
}

// recordBack begins the names under which undoing records whose doing it has
// put back.
const recordBack = "put_back/"
