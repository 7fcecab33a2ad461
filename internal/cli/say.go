package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// patience is how long a verb waits for the process that drives the run. A
// live one looks into its inbox several times a second.
const patience = 10 * time.Second

// say carries out a verb: it makes a fact of a person's word, checks that it
// can be so, and has it made durable by whoever drives the run, or by itself
// if nobody does.
func (a *app) say(ctx context.Context, s saying, w speaker) error {
	id, err := a.store().Find(s.run)
	if err != nil {
		return err
	}
	for {
		r, err := a.readRun(id)
		if err != nil {
			return err
		}
		said, e, err := a.weigh(r, w)
		if err != nil {
			return r.doubt(err)
		}
		_, driven, err := a.store().Driven(id)
		if err != nil {
			return err
		}
		if driven {
			err = a.ask(ctx, id, e)
		} else {
			err = a.record(ctx, r, e, said, s)
		}
		switch {
		case errors.Is(err, store.ErrUndriven), isLocked(err):
			// The driver ended, or another one was quicker: look again. It
			// cannot go on for ever, because each turn somebody got on.
			continue
		case err != nil:
			return err
		case driven:
			return a.tell(id, said, true)
		}
		return nil
	}
}

// weigh makes the event of a word and lets the engine judge it, so that a
// mistake is answered at once.
func (a *app) weigh(r *reading, w speaker) (word, event.Event, error) {
	st, err := a.stands(r)
	if err != nil {
		return word{}, event.Event{}, err
	}
	said, err := w.on(st)
	if err != nil {
		return word{}, event.Event{}, err
	}
	e := event.Event{Time: a.Now().UTC(), Path: said.path, By: a.actor(said.person), Body: said.body}
	if _, err := engine.Apply(r.state, e); err != nil {
		return word{}, e, failf(err, "%s", "refused").with(projection.Command("status", r.ID()))
	}
	return said, e, nil
}

// actor is who types, as the journal will say.
func (a *app) actor(person string) *event.Actor {
	return &event.Actor{User: a.User(), Person: person, Host: a.Host, PID: a.PID}
}

// ask hands an event to the process that drives the run and waits until it is
// durable or refused. It returns [store.ErrUndriven] if that process ended
// before it took the event.
func (a *app) ask(ctx context.Context, id string, e event.Event) error {
	st := a.store()
	req, err := st.NewID(a.Now())
	if err != nil {
		return err
	}
	e.Request = req
	body, err := e.Encode()
	if err != nil {
		return err
	}
	who := store.Who{User: e.By.User, Person: e.By.Person, Host: e.By.Host, PID: e.By.PID}
	if err := st.Send(id, store.Request{ID: req, Who: who, Events: []json.RawMessage{body}}); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := st.Await(waiting, id, req, nil)
	switch {
	case errors.Is(err, store.ErrUndriven):
		return a.missed(id, req)
	case errors.Is(err, context.DeadlineExceeded):
		return a.unanswered(id, req)
	case err != nil:
		return err
	case !reply.OK:
		p := &problem{exit: ExitFailed, what: reply.Error}
		return p.meaning("Nothing was recorded.").with(projection.Command("status", id))
	}
	return nil
}

// missed finds out whether a driver that ended took the request before.
func (a *app) missed(id, req string) error {
	if _, err := a.store().Withdraw(id, req); err != nil {
		return err
	}
	r, err := a.readRun(id)
	if err != nil {
		return err
	}
	if r.seen[req] {
		return nil
	}
	return store.ErrUndriven
}

// unanswered takes a request back that the driver did not answer in time.
func (a *app) unanswered(id, req string) error {
	back, err := a.store().Withdraw(id, req)
	if err != nil {
		return err
	}
	p := &problem{exit: ExitLocked, what: "the process that drives the run did not answer within " + patience.String()}
	if back {
		return p.meaning("Nothing was recorded. It may be stopped or hang.").with(projection.Command("status", id))
	}
	return p.meaning("It took the request, but has not said what became of it.").with(projection.Command("audit", "show", id))
}

// record appends an event to a run that nobody drives, and drives it on if
// that was asked for.
func (a *app) record(ctx context.Context, r *reading, e event.Event, said word, s saying) error {
	t, err := a.take(ctx, r.ID())
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.append(e); err != nil {
		return err
	}
	if !s.resume {
		t.close() // what is said next is about a run that nobody drives
		return a.tell(r.ID(), said, false)
	}
	if !a.json() {
		_ = a.print().Note(said.said)
	}
	t.aim = said.aim
	return t.drive(ctx, s.wait)
}

// tell says what was recorded and how the run goes on.
func (a *app) tell(id string, said word, driven bool) error {
	if a.json() {
		return a.print().JSON(map[string]any{"run": id, "path": said.path, "type": said.body.Type(), "driven": driven})
	}
	if err := a.print().Say(said.said); err != nil {
		return err
	}
	r, err := a.readRun(id)
	if err != nil {
		return err
	}
	status, err := a.status(r)
	if err != nil {
		return err
	}
	if driven {
		return a.print().Next(projection.Command("status", id))
	}
	return a.print().Next(status.Next...)
}
