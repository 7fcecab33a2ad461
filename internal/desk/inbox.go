package desk

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/irctl/irctl/internal/account"
	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// inbox gives the driver what other processes ask for as events.
type inbox struct {
	d   *Desk
	run *store.Run
}

// Requests implements [local.Inbox]. What is no request is refused at once.
func (i inbox) Requests() ([]local.Request, error) {
	requests, rejected, err := i.run.Requests()
	if err != nil {
		return nil, err
	}
	for _, r := range rejected {
		if r.ID != "" {
			_ = i.Answer(r.ID, errors.New(r.Reason))
		}
	}
	var out []local.Request
	for _, r := range requests {
		events, err := eventsOf(r, i.d.speaker(r))
		if err != nil {
			_ = i.Answer(r.ID, err)
			continue
		}
		out = append(out, local.Request{ID: r.ID, Events: events})
	}
	return out, nil
}

// speaker is the account that asks: whose file the request is, by the kernel,
// where files have owners.
func speaker(r store.Request) string {
	if r.Owner == "" {
		return r.Who.User
	}
	return account.Name(r.Owner)
}

// left tells what waits in the inbox of a run that no process drives.
func (d *Desk) left(r *store.Reader) ([]projection.Entry, error) {
	requests, err := r.Requests()
	var out []projection.Entry
	for _, req := range requests {
		from := d.speaker(req)
		events, wrong := eventsOf(req, from)
		if wrong != nil {
			continue // it will be refused
		}
		for _, e := range events {
			entry := projection.Tell(e)
			entry.Time, entry.By = projection.Time{Time: req.Left}, from
			out = append(out, entry)
		}
	}
	return out, err
}

// eventsOf decodes what an account asks for. The account in whose name an event
// is must be that one.
func eventsOf(r store.Request, from string) ([]event.Event, error) {
	var out []event.Event
	for _, raw := range r.Events {
		e, err := event.Decode(raw)
		if err != nil {
			return nil, fmt.Errorf("the request holds what is no event: %w", err)
		}
		if e.By == nil {
			return nil, errors.New("the request does not say who asks")
		}
		if e.By.User != from {
			return nil, fmt.Errorf("the request is from %s and asks in the name of %s", from, e.By.User)
		}
		if _, ok := e.Body.(event.UndoInherited); ok && r.Owner != account.Self() {
			return nil, errors.New("what is to be undone is handed over between runs of one account alone")
		}
		out = append(out, e)
	}
	return out, nil
}

// Answer implements [local.Inbox].
func (i inbox) Answer(id string, err error) error { return i.run.Answer(id, replyOf(err)) }

// refusal carries an error of a known type to the process that asked, which
// tells the same as if it had judged itself.
type refusal struct {
	Illegal   *engine.IllegalError `json:"illegal,omitempty"`
	Authority *authority.Refusal   `json:"authority,omitempty"`
}

// replyOf is what a process is told that asked for something.
func replyOf(err error) store.Reply {
	if err == nil {
		return store.Reply{OK: true}
	}
	var why refusal
	reply := store.Reply{Error: err.Error()}
	if errors.As(err, &why.Illegal) || errors.As(err, &why.Authority) {
		reply.Detail, _ = json.Marshal(why)
	}
	return reply
}

// errorOf is the error of which a reply was made.
func errorOf(reply store.Reply) error {
	var why refusal
	_ = json.Unmarshal(reply.Detail, &why) // without a detail there is the text
	switch {
	case reply.OK:
		return nil
	case why.Illegal != nil:
		return why.Illegal
	case why.Authority != nil:
		return why.Authority
	}
	return errors.New(reply.Error)
}
