package local

import (
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// maxUnsigned is how long an entry waits for a checkpoint at most.
const maxUnsigned = time.Minute

// due reports whether a checkpoint follows an event at once: before people see
// what they are asked, after whatever may have changed a target, after what
// people decided, and when the run stops, however long.
func due(e event.Event) bool {
	switch b := e.Body.(type) {
	case event.StepSucceeded:
		return b.Changed || e.By != nil
	case event.ApprovalAsked, event.ApprovalGiven, event.ApprovalRefused, event.StepFailed, event.StepUnknown, event.StepResolved,
		event.StepUndone, event.UndoFailed, event.UndoSkipped, event.RunPaused, event.RunInterrupted, event.CancelRequested, event.RunEnded,
		event.EvidenceAdded, event.EvidenceHandedOver, event.AuthorityDelegated:
		return true
	}
	return false
}

// commit makes the batch durable and adopts the state; what became durable is to
// be told. Without a batch it makes a checkpoint alone, if one is due.
func (l *loop) commit(due bool) error {
	lines, err := l.Append(due, l.bodies...)
	if err != nil {
		l.failure = &JournalError{err}
		l.work.kill()
		return l.failure
	}
	l.state, l.durable, l.lines = l.next, l.batch, lines
	l.batch, l.bodies = nil, nil
	return nil
}

// observe tells what commit made durable, and adopts the checkpoints among it.
func (l *loop) observe() (err error) {
	events, lines := l.durable, l.lines
	l.durable, l.lines = nil, nil
	checkpoints, told := len(lines) > len(events), 0
	for _, line := range lines {
		var e event.Event
		if checkpoints && event.TypeOf(line) == "checkpoint_signed" {
			if e, err = event.Decode(line); err == nil {
				l.next, err = engine.Apply(l.next, e)
			}
			if err != nil {
				return err
			}
			l.state, l.unsigned = l.next, time.Time{}
		} else {
			e = events[told]
			told++
			if l.Signs && l.unsigned.IsZero() {
				l.unsigned = l.now()
			}
		}
		if l.Observe != nil {
			l.Observe(e, line, l.state)
		}
	}
	return nil
}

// sign has a checkpoint cover everything, if something is not covered yet.
func (l *loop) sign() error {
	if l.failure != nil || l.unsigned.IsZero() || len(l.batch) > 0 {
		return l.failure
	}
	l.unsigned = time.Time{} // also where none is made
	if err := l.commit(true); err != nil {
		return err
	}
	return l.observe()
}

// signBy is when a checkpoint is due by the clock, zero if none is.
func (l *loop) signBy() time.Time {
	if l.unsigned.IsZero() {
		return l.unsigned
	}
	return l.unsigned.Add(maxUnsigned)
}

// earliest is the earlier one of two times, of which either may be zero.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
