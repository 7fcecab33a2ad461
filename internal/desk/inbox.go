package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	d     *Desk
	run   *store.Run
	asked map[string]projection.Entry // of the requests that were seen
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
		from := i.d.speaker(r)
		i.asked[r.ID] = projection.Entry{Time: projection.Time{Time: r.Left}, Word: "request", By: from}
		events, err := eventsOf(r, from)
		if err == nil {
			i.asked[r.ID] = askedBy(from, r.Left, events[0])
		} else {
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
			out = append(out, askedBy(from, req.Left, e))
		}
	}
	return out, err
}

// askedBy is what an account asks for, as people read it.
func askedBy(from string, left time.Time, e event.Event) projection.Entry {
	out := projection.Tell(e)
	out.Time, out.By = projection.Time{Time: left}, from
	return out
}

// refused tells what this account asked of the run that was not done, and why, as
// far as it has not waited for the answer.
func (d *Desk) refused(r *store.Reader) (out []projection.Entry) {
	for _, reply := range r.Replies() {
		var asked projection.Entry
		if reply.OK || json.Unmarshal(reply.Asked, &asked) != nil || asked.By != d.User() {
			continue
		}
		asked.Text = reply.Error
		out = append(out, asked)
	}
	return out
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
func (i inbox) Answer(id string, err error) error {
	reply := replyOf(err)
	if asked, ok := i.asked[id]; ok && err != nil {
		reply.Asked, _ = json.Marshal(asked)
	}
	delete(i.asked, id)
	return i.run.Answer(id, reply)
}

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
