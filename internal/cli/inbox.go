package cli

import (
	"errors"
	"fmt"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// inbox gives the driver what other processes ask for as events.
type inbox struct{ run *store.Run }

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
		events, err := decodeAll(r)
		if err != nil {
			_ = i.Answer(r.ID, err)
			continue
		}
		out = append(out, local.Request{ID: r.ID, Events: events})
	}
	return out, nil
}

func decodeAll(r store.Request) ([]event.Event, error) {
	var out []event.Event
	for _, raw := range r.Events {
		e, err := event.Decode(raw)
		if err != nil {
			return nil, fmt.Errorf("the request holds what is no event: %w", err)
		}
		if e.By == nil {
			return nil, errors.New("the request does not say who asks")
		}
		out = append(out, e)
	}
	return out, nil
}

// Answer implements [local.Inbox].
func (i inbox) Answer(id string, err error) error {
	reply := store.Reply{OK: err == nil}
	if err != nil {
		reply.Error = err.Error()
	}
	return i.run.Answer(id, reply)
}
