package local

import (
	"fmt"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
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
func (l *loop) readInbox(first bool) bool {
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
		err := l.admit(r.Events, authority.Inbox)
		if err == nil {
			l.Seen[r.ID], moved = true, true
		}
		if l.failure != nil {
			return true
		}
		if err != nil && first {
			continue // the run may come to it
		}
		_ = l.Inbox.Answer(r.ID, err)
	}
	return moved
}

// obey carries out a command from this terminal.
func (l *loop) obey(c Command) error {
	c.Reply <- l.admit(c.Events, authority.Terminal)
	return l.failure
}

// admit makes events from outside durable, all or none.
func (l *loop) admit(events []event.Event, from authority.Origin) error {
	if err := l.flush(); err != nil {
		return err
	}
	for i := range events {
		events[i].Time = l.now()
	}
	var rules authority.Rules
	if l.Rules != nil {
		var err error
		if rules, err = l.Rules(); err != nil {
			return err
		}
	}
	next, bodies, err := Admit(l.state, rules, l.Kept, from, events...)
	if err != nil {
		return err
	}
	l.next, l.batch, l.bodies = next, events, bodies
	return l.flush()
}

// Admit judges events that somebody asks for, all or none: the rules must permit
// each, it must fit what was asked, and the engine must find it possible after
// those before it; events is then what is written. It returns the state after
// them and the events as the journal keeps them. The error wraps an *[authority.Refusal] or an
// *[engine.IllegalError].
func Admit(s engine.State, rules authority.Rules, kept Kept, from authority.Origin, events ...event.Event) (engine.State, [][]byte, error) {
	next := s
	var bodies [][]byte
	for i, e := range events {
		if err := rules.May(next, e, authority.SpeakerOf(e, from)); err != nil {
			return s, nil, err
		}
		e, err := judged(next, kept, from, e)
		if err != nil {
			return s, nil, fmt.Errorf("that cannot be done now: %w", err)
		}
		events[i] = e
		if next, err = engine.Apply(next, e); err != nil {
			return s, nil, fmt.Errorf("that cannot be done now: %w", err)
		}
		body, err := e.Encode()
		if err != nil {
			return s, nil, err
		}
		bodies = append(bodies, body)
	}
	return next, bodies, nil
}
