package local

import (
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// maxUnsigned is how long an entry waits for a checkpoint at most, and soon how
// long one does that may say of a change: if the next step is not recorded until
// then, the checkpoint is recorded alone.
const (
	maxUnsigned = time.Minute
	soon        = 10 * time.Millisecond
)

// due says when a checkpoint covers an event: at once before people see what they
// are asked, after what people decided, and when the run stops, however long; and
// after whatever may have changed a target, beside the next step.
func due(e event.Event) journal.Due {
	switch b := e.Body.(type) {
	case event.StepSucceeded:
		switch {
		case e.By != nil:
			return journal.Now
		case b.Changed:
			return journal.Next
		}
	case event.StepFailed, event.StepUnknown, event.StepUndone, event.UndoFailed, event.UndoSkipped:
		return journal.Next
	case event.ApprovalAsked, event.ApprovalGiven, event.ApprovalRefused, event.StepResolved, event.RunPaused, event.RunInterrupted,
		event.CancelRequested, event.RunEnded, event.EvidenceAdded, event.EvidenceHandedOver, event.AuthorityDelegated:
		return journal.Now
	}
	return journal.Later
}

// commit makes the batch durable and adopts the state; what became durable is to
// be told. Without a batch it makes a checkpoint alone, if something is not covered.
func (l *loop) commit(due journal.Due) error {
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
			l.state, l.signBy = l.next, time.Time{}
		} else {
			e = events[told]
			told++
			l.uncovered(e)
		}
		if l.Observe != nil {
			l.Observe(e, line, l.state)
		}
	}
	return nil
}

// uncovered notes by when a checkpoint has to cover an event.
func (l *loop) uncovered(e event.Event) {
	if !l.Signs {
		return
	}
	wait := maxUnsigned
	if due(e) != journal.Later {
		wait = soon
	}
	l.signBy = earliest(l.signBy, l.now().Add(wait))
}

// sign has a checkpoint cover everything, if something is not covered yet.
func (l *loop) sign() error {
	if l.failure != nil || l.signBy.IsZero() || len(l.batch) > 0 {
		return l.failure
	}
	l.signBy = time.Time{} // also where none is made
	if err := l.commit(journal.Now); err != nil {
		return err
	}
	return l.observe()
}

// overdue reports whether something waits for a checkpoint no longer.
func (l *loop) overdue() bool { return !l.signBy.IsZero() && !l.signBy.After(l.now()) }

// earliest is the earlier one of two times, of which either may be zero.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
