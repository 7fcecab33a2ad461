package desk

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// Watcher is told what happens in a run that another process may drive.
type Watcher interface {
	Observer
	// Driven says that a process drives the run from now on, or that none
	// does: it was not asked to stop, or a journal would say so. It is called
	// from another goroutine than Observe.
	Driven(status projection.Status)
}

// driverPoll is how often a watcher's run is looked at for who drives it.
const driverPoll = time.Second

// Follow tells what a run's journal says and goes on to say, whoever drives
// it, until the run has ended or the context has. It returns the run as it
// then stands.
func (d *Desk) Follow(ctx context.Context, id string, w Watcher) (*Reading, error) {
	return d.followed(ctx, id, w, false)
}

// Watch is Follow for whoever stays when the run has ended, until the context
// ends: it may be rolled back, or somebody adds a note. If the last entries were
// taken back because the disk was full, it tells the journal from its first entry.
func (d *Desk) Watch(ctx context.Context, id string, w Watcher) error {
	_, err := d.followed(ctx, id, w, true)
	return err
}

func (d *Desk) followed(ctx context.Context, id string, w Watcher, stay bool) (*Reading, error) {
	for {
		r, err := d.open(id)
		if err != nil {
			return nil, err
		}
		err = d.follow(ctx, r, w, stay)
		if !errors.Is(err, store.ErrTakenBack) {
			return r, err
		}
		// The disk was full: what was shown did not happen.
	}
}

func (d *Desk) follow(ctx context.Context, r *Reading, w Watcher, stay bool) error {
	var driven atomic.Bool
	var latest atomic.Pointer[projection.Source]
	driven.Store(true)
	env, _ := d.ownEnvironment(r) // of a run whose environment cannot be read nobody can say who signs
	status := func(src projection.Source) projection.Status {
		src.Driven, src.Now = driven.Load(), d.utc()
		src.Signs = func(roles []string) bool { return rulesOf(env).Signs(src.State, roles, src.Now) }
		return projection.Of(src)
	}
	ctx, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	defer func() { stop(); <-watched }()
	go func() {
		defer close(watched)
		d.watchDriver(ctx, r.ID(), func(now bool) {
			src := latest.Load()
			if src == nil || now == driven.Swap(now) {
				return
			}
			w.Driven(status(*src))
		})
	}()
	for entry, err := range r.Follow(ctx, nil) {
		if err != nil {
			return err
		}
		e, err := r.fold(entry)
		if err != nil {
			return err
		}
		src := projection.Source{State: r.state, Head: r.head}
		latest.Store(&src)
		if err := w.Observe(e, entry.Line, func() projection.Status { return status(src) }); err != nil {
			return err
		}
		if _, over := e.Body.(event.RunEnded); over && !stay {
			return nil
		}
	}
	return nil
}

// watchDriver looks again and again whether a process drives the run, until
// the context ends. What cannot be found out is left as it was.
func (d *Desk) watchDriver(ctx context.Context, id string, tell func(driven bool)) {
	tick := time.NewTicker(driverPoll)
	defer tick.Stop()
	for {
		if _, driven, err := d.Store.Driven(id); err == nil {
			tell(driven)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Replay tells what a run's journal says so far, as it stands there: what makes
// no sense is told, too.
func Replay(r *store.Reader, w Observer) error {
	for entry, err := range r.Entries() {
		if err != nil {
			return err
		}
		l := decoded(entry)
		if l.err != nil {
			return &AlteredError{Run: r.ID(), What: "the journal of run " + r.ID() + " holds what is no entry", Err: l.err}
		}
		if err := w.Observe(l.event, entry.Line, nil); err != nil {
			return err
		}
	}
	return nil
}
