package local

import (
	"fmt"

	"github.com/irctl/irctl/pkg/event"
)

// Inbox is where other processes leave what they ask of the run.
type Inbox interface {
	// Requests returns what has come in, oldest first.
	Requests() ([]Request, error)
	// Answer tells whoever asked how it went and removes the request.
	Answer(id string, err error) error
}

// Request is what one process asks for: the events to add, if they may happen.
type Request struct {
	ID     string
	Events []event.Event
}

// Command is a request of a person at this terminal. Reply gets one value and
// must have room for it.
type Command struct {
	Events []event.Event
	Reply  chan<- error
}

// readInbox carries out what other processes asked for and reports whether that
// may move the run on. A request is answered only when it is durable; one that
// cannot be answered is there again at the next look.
func (l *loop) readInbox() bool {
	if l.Inbox == nil || l.failure != nil {
		return false
	}
	requests, err := l.Inbox.Requests()
	if err != nil {
		return false // whoever asked waits, and says so; the run goes on
	}
	moved := false
	for _, r := range requests {
		if l.Seen[r.ID] {
			_ = l.Inbox.Answer(r.ID, nil) // carried out before a crash, not answered
			continue
		}
		for i := range r.Events {
			r.Events[i].Request = r.ID
		}
		err := l.admit(r.Events)
		if err == nil {
			l.Seen[r.ID], moved = true, true
		}
		if l.failure != nil {
			return true
		}
		_ = l.Inbox.Answer(r.ID, err)
	}
	return moved
}

// obey carries out a command from this terminal.
func (l *loop) obey(c Command) error {
	c.Reply <- l.admit(c.Events)
	return l.failure
}

// asked reports whether people may ask for an event: the others are facts that
// only the driver can know.
func asked(b event.Body) bool {
	switch b.(type) {
	case event.ApprovalGiven, event.ApprovalRefused, event.StepSucceeded, event.StepSkipped, event.StepRetried,
		event.StepResolved, event.RunPaused, event.RunContinued, event.CancelRequested, event.RollbackStarted,
		event.UndoSkipped, event.NoteAdded:
		return true
	}
	return false
}

// admit adds events from outside, all or none, and makes them durable.
func (l *loop) admit(events []event.Event) error {
	if err := l.flush(); err != nil {
		return err
	}
	for _, e := range events {
		if e.By == nil || !asked(e.Body) {
			return fmt.Errorf("%s is nothing that a person can ask for", e.Type())
		}
		e.Time = l.now()
		if err := l.stage(e); err != nil {
			l.next, l.batch, l.bodies = l.state, nil, nil
			return fmt.Errorf("that cannot be done now: %w", err)
		}
	}
	return l.flush()
}
