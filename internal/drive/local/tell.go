package local

import (
	"context"
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// Notices say who is told that a run waits for people. All of it follows from the
// run's state.
type Notices interface {
	// Due are the intents of the notices that are due at a time.
	Due(s engine.State, now time.Time) []event.Event
	// Next is when one is due that is not yet, zero if none will be.
	Next(s engine.State, now time.Time) time.Time
	// Message is what a notice about a step says.
	Message(s engine.State, path string, n event.NoticeStarted) drive.Message
	// Instead is what to do if a notice does not get there, "" if nothing is known.
	Instead(n event.NoticeStarted) string
}

// lost ends the notices of a process that died before it knew how they went.
// They are not sent again: nobody is told twice.
func (l *loop) lost() error {
	for _, t := range l.state.Telling() {
		n := notice(l.state, t)
		if err := l.stage(l.Driver.TellingLost(t.Path, n, l.instead(n))); err != nil {
			return err
		}
	}
	return nil
}

func notice(s engine.State, t engine.Telling) event.NoticeStarted {
	st, _ := s.Step(t.Path)
	for _, n := range st.Told {
		if n.Number == t.Number {
			return n.NoticeStarted
		}
	}
	return event.NoticeStarted{Number: t.Number}
}

func (l *loop) instead(n event.NoticeStarted) string {
	if l.Notices == nil {
		return ""
	}
	return l.Notices.Instead(n)
}

// tell stages the intents of what is due: they share the append of what people
// are told about.
func (l *loop) tell() error {
	if l.Notices == nil || l.stop != "" {
		return nil
	}
	for _, e := range l.Notices.Due(l.next, l.now()) {
		if err := l.stage(e); err != nil {
			return err
		}
	}
	return nil
}

// send sends a notice beside the loop: its intent is durable, and ours.
func (w *work) send(t task, s engine.State) {
	ctx, cancel := context.WithCancelCause(w.ctx)
	w.running[t] = cancel
	delete(w.mine, t)
	n := notice(s, engine.Telling{Path: t.path, Number: t.attempt})
	w.beside(func() {
		defer cancel(nil)
		w.results <- message{task: t, outcome: w.l.Driver.Tell(ctx, s, t.path, w.l.Notices.Message(s, t.path, n))}
	})
}

// told carries out how a notice went.
func (l *loop) told(m message) error {
	n := notice(l.next, engine.Telling{Path: m.path, Number: m.attempt})
	return l.stage(l.Driver.Told(m.path, n, m.outcome, l.instead(n)))
}
