package desk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// claims is what a run that is driven learns of the other runs of its home. It
// implements [drive.Claims].
type claims struct {
	d    *Desk
	run  string
	keep func(r io.Reader) (digest string, size int64, head string, err error) // what an action says
}

// Lock implements [drive.Claims].
func (c claims) Lock(ctx context.Context, r claim.Resource, waits func()) (func(), error) {
	return claim.Lock(ctx, c.d.Store.Root(), r, waits)
}

// Inherited implements [drive.Claims].
func (c claims) Inherited(path string) ([]event.Kept, error) {
	r, err := c.d.ReadRun(c.run)
	if err != nil {
		return nil, err
	}
	st, _ := r.state.Step(path)
	return slices.Clone(st.Inherited), nil
}

// Newest implements [drive.Claims].
func (c claims) Newest(r claim.Resource) (claim.Hold, error) {
	holds, err := c.d.holds(c.run, r)
	if err != nil || len(holds) == 0 {
		return claim.Hold{}, err
	}
	return slices.MaxFunc(holds, func(a, b claim.Hold) int { return a.Since.Compare(b.Since) }), nil
}

// HandOver implements [drive.Claims]. What the other run has been told, by a
// process that died then, it is not told again.
func (c claims) HandOver(ctx context.Context, to claim.Hold, kept []event.Kept) error {
	missing := slices.DeleteFunc(slices.Clone(kept), func(k event.Kept) bool {
		return slices.ContainsFunc(to.Inherited, func(has event.Kept) bool { return has.Run == k.Run && has.Path == k.Path })
	})
	if len(missing) == 0 {
		return nil
	}
	if owner := c.d.Store.Lent(to.Run); owner != "" {
		return &action.Error{
			Message: to.Name + " relies on it and belongs to " + owner + ", whose run cannot put back what this one kept; nothing was changed",
			Hint:    "have " + owner + " roll that back first: irctl rollback " + to.Run + "; then retry",
		}
	}
	e := c.d.mine(event.UndoInherited{From: missing})
	e.Path = to.Path
	if err := c.d.tell(ctx, to.Run, e); err != nil {
		return &action.Error{
			Message: to.Name + " relies on it and could not be told, so nothing was changed",
			Hint:    "see irctl status " + to.Run + ", then retry", Cause: err,
		}
	}
	return nil
}

// holds are the steps of other runs that rely on a resource. A run that cannot
// be read may.
func (d *Desk) holds(but string, r claim.Resource) (out []claim.Hold, err error) {
	err = d.others(but, about(r), func(other *Reading) {
		for of, h := range claim.Holds(other.state, d.spec) {
			if of.Meets(r) {
				out = append(out, h)
			}
		}
	})
	return out, err
}

// belongs is a *[NotOwnError] if what a run brought about was so before, because
// of another run; nil if it is not known to be.
func (d *Desk) belongs(r *Reading) error {
	for _, path := range d.contained(r.state) {
		st, _ := r.state.Step(path)
		spec, _ := d.spec(r.state.Plan().Node(st.Node).Action.Action)
		of, ok := claim.Of(r.state, st, spec)
		if !ok {
			continue
		}
		holds, err := d.holds(r.ID(), of)
		if err != nil || len(holds) == 0 {
			return err
		}
		first := slices.MinFunc(holds, func(a, b claim.Hold) int { return a.Since.Compare(b.Since) })
		return &NotOwnError{Target: cmp.Or(st.Target, path), Name: first.Name, Run: first.Run}
	}
	return nil
}

// about reports whether a journal may say something of a resource.
func about(r claim.Resource) func(journal []byte) bool {
	name := []byte(r.Action)
	if target, err := json.Marshal(r.Target); err == nil && r.Target != "" {
		name = append([]byte(`"target":`), target...)
	}
	return func(journal []byte) bool { return bytes.Contains(journal, name) }
}

// unreadable says of a run what that means for others.
func (d *Desk) unreadable(id string, err error) error {
	return &action.Error{
		Message: "run " + id + " cannot be read, so nobody knows what it relies on or changes; nothing was changed",
		Hint:    "see irctl audit verify " + id + "; then retry, or take its folder out of " + d.Store.Root(), Cause: err,
	}
}

// others reads the other runs of the home whose journal is about something.
func (d *Desk) others(but string, about func(journal []byte) bool, tell func(*Reading)) error {
	ids, err := d.Store.List()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == but {
			continue
		}
		if !d.Store.May(id, about) {
			continue
		}
		other, err := d.ReadRun(id)
		if err != nil {
			return d.unreadable(id, err)
		}
		tell(other)
	}
	return nil
}

// tell makes an event of another run durable, by whoever drives it or, if nobody
// does, by this process for a moment.
func (d *Desk) tell(ctx context.Context, id string, e event.Event) error {
	for {
		_, driven, err := d.Store.Driven(id)
		if err != nil {
			return err
		}
		switch {
		case driven:
			err = d.ask(ctx, id, e)
		case d.Store.Lent(id) != "":
			_, err = d.send(id, e)
		default:
			_, err = d.record(id, e, false)
		}
		if !errors.Is(err, store.ErrUndriven) && !locked(err) || ctx.Err() != nil {
			return err
		}
	}
}

// PutBack implements [drive.Claims].
func (c claims) PutBack(ctx context.Context, kept event.Kept, key string, hooks drive.Hooks) drive.Outcome {
	if owner := c.d.Store.Lent(kept.Run); owner != "" {
		return drive.Outcome{Err: &action.Error{Message: "run " + kept.Run + " belongs to " + owner + ", and what it says is done by that account alone", Permanent: true}}
	}
	r, err := c.d.ReadRun(kept.Run)
	if err == nil {
		err = c.d.drivable(r)
	}
	if err == nil {
		c.d, err = c.d.asOf(r)
	}
	if err != nil {
		return drive.Outcome{Err: err}
	}
	if _, ok := r.state.Step(kept.Path); !ok {
		return drive.Outcome{Err: &action.Error{Message: "run " + kept.Run + " has no step " + kept.Path, Permanent: true}}
	}
	env, err := c.d.ownEnvironment(r)
	if err != nil {
		return drive.Outcome{Err: err}
	}
	started, _, _ := r.state.Started()
	cfg := drive.Config{Run: kept.Run, Secrets: environment.SecretsAt(started.SecretRefs), Keep: c.keep, Dir: c.d.Store.Work(kept.Run)}
	driver, err := c.d.driver(cfg, env)
	if err != nil {
		return drive.Outcome{Err: err}
	}
	return driver.PutBack(ctx, r.state, kept.Path, key, false, hooks)
}
