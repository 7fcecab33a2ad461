package cli

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// trip is a run that this process drives, from taking its lock to giving it
// back. What was appended before the driving begins is shown with the rest.
type trip struct {
	a     *app
	run   *store.Run
	r     *reading
	env   *environment.Environment // nil if the run has none
	early []observed
	// aim is the status that the person who typed the command asked for
	// (cancel, rollback): ending like that is success.
	aim []event.Status
}

// observed is a durable event with its line and the state after it.
type observed struct {
	e     event.Event
	line  []byte
	state engine.State
}

// take takes the lock of a run, makes sure of its journal, and folds it anew:
// what was read before the lock may be old.
func (a *app) take(_ context.Context, id string) (*trip, error) {
	run, err := a.store().Drive(id)
	if err != nil {
		return nil, untaken(id, err)
	}
	t := &trip{a: a, run: run}
	if t.r, err = a.readRun(id); err == nil {
		err = t.r.genuine()
	}
	if err == nil {
		t.env, err = t.a.ownEnvironment(t.r)
	}
	for _, tail := range run.SetAside() {
		if err == nil {
			err = t.append(event.Event{Time: a.Now().UTC(), Body: event.TailSetAside{File: tail.File, Bytes: tail.Bytes, Digest: tail.Digest}})
		}
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// untaken says what it means that a run could not be taken for want of a disk.
func untaken(id string, err error) error {
	var disk *store.StorageError
	if !errors.As(err, &disk) || isLocked(err) || isAltered(err) {
		return err
	}
	p := failf(err, "run %s cannot go on", id)
	return p.meaning("Nothing was recorded, and nothing was done. When that is put right, type the same again.")
}

func (t *trip) close() { _ = t.run.Close() }

// append makes one event durable and adopts it.
func (t *trip) append(e event.Event) error {
	next, err := engine.Apply(t.r.state, e)
	if err != nil {
		return err
	}
	body, err := e.Encode()
	if err != nil {
		return err
	}
	lines, err := t.run.Append(body)
	if err != nil {
		return err
	}
	t.r.state = next
	t.early = append(t.early, observed{e, lines[0], next})
	return nil
}

// drive carries the run on until it ends, only people can move it on, or it is
// told to stop. With wait it stays although only people can. The error is the
// status with which irctl ends.
func (t *trip) drive(ctx context.Context, wait bool) error {
	secrets, err := t.secrets(ctx)
	if err != nil {
		return err
	}
	d := drive.New(t.a.driverConfig(t.run.ID(), t.env, secrets, t.keep, t.run.Work()))
	p := t.a.print()
	var live atomic.Bool // the live screen says so itself
	stops := newStops(t.a, func() {
		if !live.Load() {
			_ = p.Note("Stopping: nothing new starts, what runs goes on to its end. Once more stops it at once.")
		}
	})
	defer stops.end()
	commands := make(chan local.Command)
	show := &show{t: t, commands: commands}
	show.follow = p.Follow(view.FollowOptions{Run: t.run.ID(), Decide: true, Answer: show.answer, Interrupt: func() { stops.tell("interrupt") }})
	live.Store(show.follow.Live())
	defer show.follow.Close()
	for _, o := range t.early {
		show.observe(o.e, o.line, o.state)
	}
	poll := time.NewTicker(store.Poll)
	defer poll.Stop()
	state, err := local.Run(ctx, t.r.state, local.Config{
		Driver: d, Append: t.run.Append, Inbox: inbox{t.run}, Commands: commands, Interrupt: stops.wishes,
		WaitForPeople: wait || show.follow.Live() && p.Interactive(),
		People:        peopleOf(t.env),
		Observe:       show.observe, Progress: show.follow.Progress,
		Actor: t.a.actor(""), Now: t.a.Now, Poll: poll.C, Seen: t.r.seen,
	})
	t.r.state = state
	stops.end()
	t.close() // what is typed next must find the run free
	return t.finish(show.follow, err)
}

// peopleOf are whom an environment names.
func peopleOf(env *environment.Environment) authority.People {
	if env == nil {
		return nil
	}
	return env.People
}

// finish says how the run stands and what to type next, and gives the status.
func (t *trip) finish(follow *view.Follow, err error) error {
	interrupted := errors.Is(err, local.ErrInterrupted)
	if err != nil && !interrupted {
		follow.Close()
		return err
	}
	head := t.run.Head()
	_ = follow.Finish(projection.Of(projection.Source{
		State: t.r.state, Head: projection.Head{Seq: head.Seq, Hash: head.Hash}, Now: t.a.Now().UTC(),
	}))
	if interrupted {
		return end(ExitInterrupted)
	}
	for _, s := range t.aim {
		if t.r.state.Status() == s {
			return nil
		}
	}
	return end(exitOfRun(t.r.state))
}

// exitOfRun is the status with which a command ends that drove a run.
func exitOfRun(s engine.State) Exit {
	switch s.Status() {
	case event.Succeeded:
		return ExitDone
	case event.Failed:
		return ExitFailed
	case event.Canceled, event.Undone:
		return ExitCanceled
	case event.InDoubt:
		return ExitUnknown
	}
	return ExitWaiting
}

// keep stores an artifact of the run.
func (t *trip) keep(r io.Reader) (digest string, size int64, head string, err error) {
	artifact, err := t.run.Artifact(r, action.Clean)
	return artifact.Digest, artifact.Size, artifact.Head, err
}

// secrets resolves the secret inputs of the run.
func (t *trip) secrets(ctx context.Context) (map[string]action.Secret, error) {
	started, _, _ := t.r.state.Started()
	return environment.ResolveInputs(ctx, started.SecretRefs)
}
