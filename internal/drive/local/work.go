package local

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// work is what runs beside the loop: one goroutine per attempt.
type work struct {
	l       *loop
	ctx     context.Context
	cancel  context.CancelCauseFunc
	results chan message
	idle    chan func() // to goroutines that have no attempt at the moment
	running map[task]context.CancelCauseFunc
	mine    map[task]bool // attempts whose intent this process made durable
	killed  bool
	wg      sync.WaitGroup
}

// task names one attempt of one step, or of undoing it.
type task struct {
	path    string
	attempt int
	undo    bool
	look    bool // of a wait at its target
	notice  bool // that people are told; attempt is its number
}

// message is what a goroutine tells the loop: something to record, with a
// reply, or how its attempt ended.
type message struct {
	task
	record  event.Values
	reply   chan<- error
	outcome drive.Outcome
}

var (
	errAborted = errors.New("told to stop")
	errKilled  = errors.New("irctl was told to stop at once")
)

func newWork(ctx context.Context, l *loop) work {
	// The end of ctx is an interrupt, which the loop handles in order; it must
	// not cut the attempts off by itself.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	return work{
		l: l, ctx: ctx, cancel: cancel, results: make(chan message), idle: make(chan func()),
		running: map[task]context.CancelCauseFunc{}, mine: map[task]bool{},
	}
}

func (w *work) busy() bool { return len(w.running) > 0 }

// intend notes that the intent of an attempt is durable by our own hand.
func (w *work) intend(e event.Event) {
	switch b := e.Body.(type) {
	case event.AttemptStarted:
		w.mine[task{path: e.Path, attempt: b.Attempt}] = true
	case event.UndoStarted:
		w.mine[task{path: e.Path, attempt: b.Attempt, undo: true}] = true
	case event.NoticeStarted:
		w.mine[task{path: e.Path, attempt: b.Number, notice: true}] = true
	}
}

// launch sends out what the durable state s asks for and is not under way.
func (w *work) launch(s engine.State) {
	waits := map[string]bool{}
	for _, f := range engine.Outstanding(s) {
		t := task{path: f.Path, attempt: f.Attempt, undo: f.Kind == engine.PerformUndo}
		switch f.Kind {
		case engine.Perform, engine.PerformUndo:
			if _, under := w.running[t]; !under && !w.killed {
				w.start(t, s)
			}
		case engine.Watch:
			if waits[f.Path] = true; w.l.asks(f.Path) && !w.looks(f.Path) && !w.killed && w.l.due(f.Path) {
				w.ask(f.Path, s)
			}
		case engine.Abort:
			if cancel, under := w.running[t]; under {
				cancel(errAborted)
			}
		}
	}
	w.cutLooks(waits)
	for _, n := range s.Telling() {
		if t := (task{path: n.Path, attempt: n.Number, notice: true}); w.mine[t] && !w.killed {
			w.send(t, s)
		}
	}
}

// looks reports whether a wait's target is being asked.
func (w *work) looks(path string) bool {
	_, under := w.running[task{path: path, look: true}]
	return under
}

// ask asks a wait's target.
func (w *work) ask(path string, s engine.State) {
	ctx, cancel := context.WithCancelCause(w.ctx)
	t := task{path: path, look: true}
	w.running[t] = cancel
	hooks := w.hooks(ctx, t)
	w.beside(func() {
		defer cancel(nil)
		w.results <- message{task: t, outcome: w.l.Driver.Look(ctx, s, path, hooks)}
	})
}

// cutLooks ends the looks of waits that do not wait any more.
func (w *work) cutLooks(waits map[string]bool) {
	for t, cancel := range w.running {
		if t.look && !waits[t.path] {
			cancel(errAborted)
		}
	}
}

func (w *work) hooks(ctx context.Context, t task) drive.Hooks {
	return drive.Hooks{
		Record: func(values event.Values) error { return w.record(ctx, t, values) },
		Progress: func(line string) {
			if w.l.Progress != nil {
				w.l.telling.RLock()
				defer w.l.telling.RUnlock()
				w.l.Progress(t.path, line)
			}
		},
	}
}

func (w *work) start(t task, s engine.State) {
	ctx, cancel := context.WithCancelCause(w.ctx)
	w.running[t] = cancel
	mine := w.mine[t]
	if !mine && !t.undo {
		// It only looks, and not for long: told to stop, it goes on, so that
		// nothing stays in doubt that can be known.
		w.running[t] = func(error) {}
	}
	delete(w.mine, t)
	hooks := w.hooks(ctx, t)
	w.beside(func() {
		defer cancel(nil)
		var o drive.Outcome
		switch {
		case t.undo:
			o = w.l.Driver.Undo(ctx, s, t.path, !mine, hooks)
		case mine:
			o = w.l.Driver.Perform(ctx, s, t.path, hooks)
		default:
			o = w.l.Driver.Settle(ctx, s, t.path, hooks)
		}
		w.results <- message{task: t, outcome: o}
	})
}

// beside runs f in a goroutine: in one that has done its work, if there is one,
// because its stack has grown already.
func (w *work) beside(f func()) {
	select {
	case w.idle <- f:
	default:
		w.wg.Go(func() {
			for f != nil {
				f()
				f = <-w.idle // nil once closed
			}
		})
	}
}

// record hands values to the loop and waits until they are durable.
func (w *work) record(ctx context.Context, t task, values event.Values) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	reply := make(chan error, 1)
	w.results <- message{task: t, record: values, reply: reply}
	return <-reply
}

// kill stops everything at once.
func (w *work) kill() {
	w.killed = true
	w.cancel(errKilled)
}

// drain waits until nothing runs any more; outcomes are lost, so that a resume
// finds the attempts in doubt.
func (w *work) drain() {
	for w.busy() {
		m := <-w.results
		if m.reply != nil {
			m.reply <- errKilled
			continue
		}
		if m.outcome.Release != nil {
			m.outcome.Release()
		}
		delete(w.running, m.task)
	}
}

// end leaves no goroutine behind.
func (w *work) end() {
	w.kill()
	w.drain()
	w.l.unlock()
	close(w.idle)
	w.wg.Wait()
}

// take carries out what a goroutine told.
func (l *loop) take(m message) error {
	if m.outcome.Release != nil {
		l.locks = append(l.locks, m.outcome.Release)
	}
	if m.reply != nil {
		err := l.record(m)
		m.reply <- err
		return l.failure
	}
	delete(l.work.running, m.task)
	if m.look {
		return l.looked(m)
	}
	if l.work.killed && m.outcome.Err != nil {
		return nil // cut off: in doubt, and a resume settles it
	}
	if m.notice {
		return l.told(m)
	}
	var e event.Event
	if m.undo {
		e = l.Driver.UndoOutcome(l.next, m.path, m.outcome)
	} else {
		e = l.Driver.Outcome(l.next, m.path, m.outcome)
	}
	if err := l.stage(e); err != nil {
		return fmt.Errorf("irctl is broken: the engine refuses an outcome: %w", err)
	}
	return nil
}

// record makes what an action recorded durable.
func (l *loop) record(m message) error {
	e := event.Event{Time: l.now(), Path: m.path, Body: event.AttemptRecorded{Attempt: m.attempt, Record: m.record}}
	if err := l.stage(e); err != nil {
		return err
	}
	return l.flush()
}
