package desk

import (
	"cmp"
	"context"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Start is what a run begins with.
type Start struct {
	Files       store.Files // the documents that lie beside its journal
	Environment *environment.Environment
	// Started is the run's first event. Begin fills in the run, irctl's version
	// and the digest of the plan.
	Started event.RunStarted
	Share   request.Share // with other runs
}

// Begin makes a run: its folder, its documents and its first entries, all
// durable when it returns. If another run claims what it would change, the error
// is a *[ClaimedError], unless w shares it.
func (d *Desk) Begin(ctx context.Context, w Start) (*Driving, error) {
	if err := d.unhalted(); err != nil {
		return nil, err
	}
	release, err := d.beginning(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	id, err := d.Store.NewID(d.Now())
	if err != nil {
		return nil, err
	}
	w.Started.Run, w.Started.Irctl, w.Started.PlanDigest, w.Started.Folder = id, d.Version, plan.Digest(w.Files.Plan), d.Dir
	if w.Started.Exercise = d.exercise(); w.Started.Exercise != "" {
		w.Started.Title = "EXERCISE: " + cmp.Or(w.Started.Title, w.Started.Runbook)
	}
	ratchet := journal.NewRatchet(journal.Origin(id))
	w.Started.LogKeys = ratchet.Keys()
	if w.Started.Previous, err = d.previous(); err != nil {
		return nil, err
	}
	events := []event.Event{d.mine(w.Started)}
	// The driver goes by the plan as it was written, as a resume will.
	p, err := plan.Decode(w.Files.Plan)
	if err != nil {
		return nil, err
	}
	state, err := engine.Apply(engine.New(p), events[0])
	if err != nil {
		return nil, err
	}
	claims, err := d.claims(state)
	if err != nil {
		return nil, err
	}
	shares, err := d.let(ctx, id, claims, w.Share)
	if err != nil {
		return nil, err
	}
	events = append(append(events, shares...), d.overrides(w.Share.Touch, w.Share.Reason)...)
	states, bodies := make([]engine.State, len(events)), make([][]byte, len(events))
	for i, e := range events {
		if i > 0 {
			if state, err = engine.Apply(state, e); err != nil {
				return nil, err
			}
		}
		states[i] = state
		if bodies[i], err = e.Encode(); err != nil {
			return nil, err
		}
	}
	run, lines, err := d.Store.CreateSigned(id, w.Files, journal.NewLog(ratchet), d.checkpoint(), bodies...)
	if err != nil {
		return nil, err
	}
	reader, err := d.Store.Reader(id)
	if err != nil {
		_ = run.Close()
		return nil, err
	}
	r := &Reading{Reader: reader, files: w.Files, state: state, seen: map[string]bool{}}
	t := newDriving(d, run, r)
	t.env, t.Claims = w.Environment, claims
	if err := t.observed(events, states, lines); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Resume takes a run over to drive it on, and records that. If it has ended,
// nothing is recorded. If another process drives it and it is paused, that
// process is asked to go on, and nothing is taken; if it is not paused, the
// error is a *[store.LockedError]. A run that belongs elsewhere is a
// *[store.ElsewhereError], unless there is a reason to take it over.
func (d *Desk) Resume(ctx context.Context, prefix, takeOver string) (Outcome, error) {
	id, err := d.Store.Find(prefix)
	if err != nil {
		return Outcome{}, err
	}
	t, err := d.take(id, takeOver)
	if _, driven, unknown := d.Store.Driven(id); locked(err) || d.Store.Lent(id) != "" && driven && unknown == nil {
		return d.continueLive(ctx, id, err)
	}
	if err != nil {
		return Outcome{}, err
	}
	if t.Over() {
		return Outcome{Run: id, Taken: t}, nil
	}
	bodies := []event.Body{event.RunResumed{Irctl: d.Version}}
	if s := t.reading.state; s.Paused() && (!s.Halted() || d.unhalted() == nil) {
		bodies = append(bodies, event.RunContinued{})
	}
	for _, body := range bodies {
		if err := t.append(t.d.mine(body)); err != nil {
			t.Close()
			return Outcome{}, err
		}
	}
	return Outcome{Run: id, Taken: t}, nil
}

// continueLive ends the pause of a run that another process drives. A run
// that is not paused is that process's alone: other says whose.
func (d *Desk) continueLive(ctx context.Context, id string, other error) (Outcome, error) {
	r, err := d.ReadRun(id)
	if err != nil {
		return Outcome{}, err
	}
	if !r.state.Paused() {
		return Outcome{}, other
	}
	if err := d.unhalted(); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Run: id, Driven: true, Decision: request.Decision{
		Body: event.RunContinued{}, Summary: "The pause is over; the process that drives the run goes on.",
	}}
	return out, d.ask(ctx, id, d.eventOf(out.Decision))
}
