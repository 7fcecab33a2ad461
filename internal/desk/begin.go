package desk

import (
	"context"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// Start is what a run begins with.
type Start struct {
	Files       store.Files // the documents that lie beside its journal
	Environment *environment.Environment
	// Started is the run's first event. Begin fills in the run, irctl's version
	// and the digest of the plan.
	Started event.RunStarted
}

// Begin makes a run: its folder, its documents and its first entry, all
// durable when it returns.
func (d *Desk) Begin(w Start) (*Driving, error) {
	id, err := d.Store.NewID(d.Now())
	if err != nil {
		return nil, err
	}
	w.Started.Run, w.Started.Irctl, w.Started.PlanDigest = id, d.Version, plan.Digest(w.Files.Plan)
	e := d.mine(w.Started)
	body, err := e.Encode()
	if err != nil {
		return nil, err
	}
	// The driver goes by the plan as it was written, as a resume will.
	p, err := plan.Decode(w.Files.Plan)
	if err != nil {
		return nil, err
	}
	state, err := engine.Apply(engine.New(p), e)
	if err != nil {
		return nil, err
	}
	run, lines, err := d.Store.Create(id, w.Files, body)
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
	t.env, t.early = w.Environment, []observed{{e, lines[0], state}}
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
	if locked(err) {
		return d.continueLive(ctx, id, err)
	}
	if err != nil {
		return Outcome{}, err
	}
	if t.Over() {
		return Outcome{Run: id, Taken: t}, nil
	}
	bodies := []event.Body{event.RunResumed{Irctl: d.Version}}
	if t.reading.state.Paused() {
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
	out := Outcome{Run: id, Driven: true, Decision: Decision{
		Body: event.RunContinued{}, Summary: "The pause is over; the process that drives the run goes on.",
	}}
	return out, d.ask(ctx, id, d.eventOf(out.Decision))
}
