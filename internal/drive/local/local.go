// Package local drives a run in this process.
//
// [Run] is the loop: it asks the engine what is owed, answers what can be
// answered at once, makes the answers durable in one append, and only then
// sends goroutines out to the targets. It returns when the run has ended, when
// only people can move it on, when it was told to stop, or when the journal
// cannot be written.
//
// One goroutine owns the state; everything else reaches it through channels.
// What arrives together is made durable together.
//
// Files, in reading order: local.go (the loop), checkpoint.go (what is
// recorded, and when it is signed), watch.go (waits that look),
// work.go (what runs beside it), tell.go (who is told that the run waits),
// inbox.go (what other processes and this terminal ask for), judge.go (whether a
// person's answers fit).
package local

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Config is what Run works with.
type Config struct {
	Driver *drive.Driver
	// Append makes the encoded events durable, all or none, before it returns
	// nil, and returns the journal's lines. After an error it is not called again.
	// Checkpoints stand before, between and behind them as [journal.Log.Append]
	// says: their lines are among those returned.
	Append func(due journal.Due, bodies ...[]byte) (lines [][]byte, err error)
	// Signs says that Append makes checkpoints.
	Signs bool
	// Inbox is what other processes ask for; nil if nobody can.
	Inbox Inbox
	// Commands brings what people at this terminal ask for; may be nil.
	Commands <-chan Command
	// Halted says why no run of the home starts anything new, "" if it may; nil if
	// none is ever held back.
	Halted func() string
	// Rules say who may ask for what, as it is at the moment: a key may have been
	// revoked since. Nil lets everybody.
	Rules func() (authority.Rules, error)
	// Kept tells what lies beside the journal; nil is nothing.
	Kept Kept
	// Notices say who is told that the run waits; nil if nobody is.
	Notices Notices
	// Interrupt brings wishes to stop: the first one lets finish what runs,
	// the second one kills it. The text names the signal. May be nil.
	Interrupt <-chan string
	// WaitForPeople keeps Run going while only people can move the run on.
	WaitForPeople bool
	// Observe is told every durable event, in order, from Run's goroutine. May
	// be nil.
	Observe func(e event.Event, line []byte, s engine.State)
	// Progress shows what a running step says; it is called from any
	// goroutine. May be nil.
	Progress func(path, line string)
	// Actor is who drives, for events that say so.
	Actor *event.Actor
	// Now is the clock, in UTC.
	Now func() time.Time
	// After is time.After; tests bring their own.
	After func(time.Duration) <-chan time.Time
	// Poll says when to look into the inbox.
	Poll <-chan time.Time
	// Seen holds the ids of requests that the journal has answered already.
	Seen map[string]bool
}

// ErrInterrupted is returned when Run was told to stop and recorded it. The
// run can be resumed.
var ErrInterrupted = errors.New("interrupted")

// JournalError says that the journal could not be written. Nothing was done to
// any target after the last durable entry.
type JournalError struct{ Err error }

// Error implements error.
func (e *JournalError) Error() string { return "the journal cannot be written: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *JournalError) Unwrap() error { return e.Err }

// maxBatch bounds one append, so that a long chain of steps that need no
// target becomes durable on the way.
const maxBatch = 256

// loop is one call of Run. Its fields belong to Run's goroutine.
type loop struct {
	Config
	state   engine.State // durable
	next    engine.State // with the batch applied
	batch   []event.Event
	bodies  [][]byte
	durable []event.Event // of the last batch, and the lines with them: not told yet
	lines   [][]byte
	telling sync.RWMutex // held while that is told: what work says comes after it
	work    work
	look    map[string]look // of wait steps whose condition did not hold
	staged  int             // events applied so far
	stop    string          // the signal that asked to stop, "" if none did
	done    <-chan struct{} // of Run's context, until it was heard
	failure error
	locks   []func() // to be given back once the outcomes are durable
	// signBy is when a checkpoint has to cover all there is, zero if one does.
	signBy time.Time
}

// look is when a condition is looked at again if nothing happens: at once after
// any other event, because it may be about another branch.
type look struct {
	next   time.Time
	staged int
}

// Run drives the run from s until it can go no further by itself. The events
// that led to s must be durable.
func Run(ctx context.Context, s engine.State, cfg Config) (engine.State, error) {
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.Seen == nil {
		cfg.Seen = map[string]bool{}
	}
	l := &loop{Config: cfg, state: s, next: s, look: map[string]look{}, done: ctx.Done()}
	l.work = newWork(ctx, l)
	defer l.work.end()
	if err := l.lost(); err != nil {
		return s, err
	}
	return l.run(ctx)
}

func (l *loop) run(ctx context.Context) (engine.State, error) {
	l.readInbox(true) // what was asked while nobody drove comes before anything is done
	for {
		more, err := l.step()
		if err != nil {
			return l.state, err
		}
		if l.readInbox(false) {
			continue
		}
		if done, err := l.over(); done {
			return l.state, err
		}
		if err := l.await(ctx, more); err != nil {
			return l.state, err
		}
	}
}

// step answers what can be answered now, makes it durable, and sends out what
// the new state asks for. It reports whether there is more to answer.
func (l *loop) step() (more bool, err error) {
	if l.state.Halted() && l.halted() == "" {
		if err := l.stage(event.Event{Time: l.now(), By: l.Actor, Body: event.RunContinued{}}); err != nil {
			return false, err
		}
	}
	if more, err = l.answerAll(); err != nil {
		return false, err
	}
	if err := l.tell(); err != nil {
		return false, err
	}
	if l.overdue() {
		if err := l.sign(); err != nil {
			return false, err
		}
	}
	if err := l.write(); err != nil {
		return false, err
	}
	l.telling.Lock()
	defer l.telling.Unlock()
	l.work.launch(l.state)
	runtime.Gosched() // a target is waited for longer than what is told and read meanwhile
	return more, l.observe()
}

// over reports whether Run has come to its end.
func (l *loop) over() (bool, error) {
	switch {
	case l.work.busy():
		return false, nil
	case !l.state.EndedAt().IsZero():
		return true, nil
	case l.stop != "":
		e := event.Event{Time: l.now(), By: l.Actor, Body: event.RunInterrupted{Signal: l.stop}}
		if err := l.stage(e); err != nil {
			return true, err
		}
		if err := l.flush(); err != nil {
			return true, err
		}
		return true, ErrInterrupted
	case !l.WaitForPeople && engine.NeedsPerson(l.state):
		return true, l.sign()
	}
	return false, nil
}

// await returns when something has happened that may move the run on, and at
// once if there is more to do anyway.
func (l *loop) await(ctx context.Context, more bool) error {
	if len(l.batch) > 0 {
		return nil
	}
	var timer <-chan time.Time
	if more {
		now := make(chan time.Time)
		close(now)
		timer = now
	} else if at := earliest(l.wake(), l.signBy); !at.IsZero() {
		timer = l.After(max(at.Sub(l.now()), 0))
	}
	select {
	case m := <-l.work.results:
		if err := l.take(m); err != nil {
			return err
		}
	case <-timer:
	case <-l.Poll:
	case c := <-l.Commands:
		return l.obey(c)
	case signal := <-l.Interrupt:
		l.interrupted(signal)
	case <-l.done:
		l.done = nil
		l.interrupted(context.Cause(ctx).Error())
		l.interrupted("") // no second word will come
	}
	// What has come in meanwhile shares the next append.
	for {
		select {
		case m := <-l.work.results:
			if err := l.take(m); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

func (l *loop) interrupted(signal string) {
	if l.stop != "" {
		l.work.kill()
		return
	}
	l.stop = signal
	l.work.cutLooks(nil)
}

// answerAll stages the answers to the effects that need no waiting, one batch
// at most: a chain of steps that leads back to its beginning never comes to
// rest, and people must be heard meanwhile. It reports whether there is more.
func (l *loop) answerAll() (more bool, err error) {
	for {
		progress := false
		for _, effect := range engine.Outstanding(l.next) {
			e, ok := l.answer(effect)
			if !ok {
				continue
			}
			if err := l.stage(e); err != nil {
				if progress {
					continue // an answer before this one has changed what is owed
				}
				return false, fmt.Errorf("irctl is broken: the engine refuses the answer to its own question: %w", err)
			}
			progress = true
			if len(l.batch) >= maxBatch {
				return true, nil
			}
		}
		if !progress {
			return false, nil
		}
	}
}

// answer returns the event that answers an effect, if it can be given now.
func (l *loop) answer(f engine.Effect) (event.Event, bool) {
	starts := f.Kind == engine.Begin || f.Kind == engine.BeginUndo
	if starts && l.stop != "" || f.At.After(l.now()) {
		return event.Event{}, false
	}
	if f.Kind == engine.Expire && l.unseen(f.Path) {
		return event.Event{}, false
	}
	if f.Kind == engine.Watch {
		if l.asks(f.Path) {
			return event.Event{}, false // work beside the loop
		}
		return l.watch(f.Path)
	}
	if starts {
		if why := l.halted(); why != "" {
			return event.Event{Time: l.now(), By: l.Actor, Body: event.RunPaused{Reason: why, Halt: true}}, true
		}
	}
	return l.Driver.Answer(l.next, f)
}

func (l *loop) halted() string {
	if l.Halted == nil {
		return ""
	}
	return l.Halted()
}

// wake is the earliest time at which an effect is due or a condition is looked
// at; zero if none is.
func (l *loop) wake() time.Time {
	var at time.Time
	earlier := func(t time.Time) { at = earliest(at, t) }
	for _, f := range engine.Outstanding(l.state) {
		switch {
		case l.stop != "" && f.Kind != engine.Expire: // it is not done any more
		case f.Kind == engine.Expire && l.unseen(f.Path): // not before the target has answered
		case f.Kind == engine.Watch:
			if !l.work.looks(f.Path) {
				earlier(l.look[f.Path].next)
			}
		default:
			earlier(f.At)
		}
	}
	if l.Notices != nil && l.stop == "" {
		earlier(l.Notices.Next(l.state, l.now()))
	}
	return at
}

// stage applies an event to what will be the next state. An event that cannot
// happen changes nothing.
func (l *loop) stage(e event.Event) error {
	next, err := engine.Apply(l.next, e)
	if err != nil {
		return err
	}
	body, err := e.Encode()
	if err != nil {
		return err
	}
	l.next = next
	l.staged++
	l.batch, l.bodies = append(l.batch, e), append(l.bodies, body)
	return nil
}

// flush makes the batch durable, adopts the state, and tells it.
func (l *loop) flush() error {
	if err := l.write(); err != nil {
		return err
	}
	return l.observe()
}

// write is flush without the telling. If the journal cannot be written, everything
// that runs is stopped: nothing more is done.
func (l *loop) write() error {
	if l.failure != nil || len(l.batch) == 0 {
		return l.failure
	}
	when := journal.Later
	if l.overdue() {
		when = journal.Now
	}
	for _, e := range l.batch {
		when = max(when, due(e))
	}
	err := l.commit(when)
	l.Driver.Durable()
	if err != nil {
		return err
	}
	for _, e := range l.durable {
		l.work.intend(e)
	}
	l.unlock()
	return nil
}

// unlock gives back what outcomes held that are durable now.
func (l *loop) unlock() {
	for _, release := range l.locks {
		release()
	}
	l.locks = nil
}

func (l *loop) now() time.Time { return l.Now().UTC() }
