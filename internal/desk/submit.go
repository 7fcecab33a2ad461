package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// patience is how long a request waits for the process that drives the run. A
// live one looks into its inbox several times a second.
const patience = 10 * time.Second

// Outcome is what became of a request that was recorded.
type Outcome struct {
	Run      string // its id
	Decision request.Decision
	// Claims are those of other runs on what this one changes.
	Claims []projection.Claim
	// Driven says that another process drives the run and recorded the event.
	Driven bool
	// Left is the account to which the run belongs, if nobody drives it and only
	// that account may: what was asked for waits until it does.
	Left string
	// Taken is the run, held by this process to be driven on or closed; nil if
	// that was not asked for.
	Taken *Driving
}

// Submit makes a request of a person an event of the run, named by a prefix of
// its id, and has it made durable by whoever drives the run, or by itself if
// nobody does. With drive the run is then held to be driven on. Who may ask
// and whether it can be so is judged once, by the writer: its refusal is a
// *[RefusedError]. What changes targets that others claim is a *[ClaimedError].
func (d *Desk) Submit(ctx context.Context, prefix string, req request.Request, drive bool) (Outcome, error) {
	id, err := d.Store.Find(prefix)
	if err != nil {
		return Outcome{}, err
	}
	for {
		r, err := d.ReadRun(id)
		if err != nil {
			return Outcome{}, err
		}
		decision, err := d.decide(r, req)
		if err != nil {
			return Outcome{}, err
		}
		out := Outcome{Run: id, Decision: decision}
		if out.Claims, err = d.permit(ctx, r.state, req); err != nil {
			return Outcome{}, err
		}
		if _, out.Driven, err = d.Store.Driven(id); err != nil {
			return Outcome{}, err
		}
		e, err := request.Sign(ctx, r.state, d.eventOf(decision), decision.Signer)
		if err != nil {
			return Outcome{}, err
		}
		switch owner := d.Store.Lent(id); {
		case out.Driven:
			err = d.ask(ctx, id, e)
		case owner != "":
			out.Left = owner
			_, err = d.send(id, e)
		default:
			out.Taken, err = d.record(id, e, drive)
		}
		if errors.Is(err, store.ErrUndriven) || locked(err) {
			// The driver ended, or another one was quicker: look again. It
			// cannot go on for ever, because each turn somebody got on.
			continue
		}
		return out, err
	}
}

// Question is what a yes or a no would answer, as it stands now, and as whom; asked
// is false if the request is none. What the run refuses it refuses.
func (d *Desk) Question(prefix string, req request.Request) (w projection.Waiting, as string, asked bool, err error) {
	if _, asked = req.(request.Answer); !asked {
		return w, "", false, nil
	}
	r, err := d.Read(prefix)
	if err != nil {
		return w, "", false, err
	}
	decision, err := d.decide(r, req)
	if err != nil {
		return w, "", false, err
	}
	s, err := d.Brief(r)
	i := slices.IndexFunc(s.Waiting, func(w projection.Waiting) bool {
		return w.Path == decision.Path && w.For == projection.ForApproval
	})
	if err != nil || i < 0 {
		return w, "", false, err
	}
	return s.Waiting[i], answersAs(decision), true, nil
}

// answersAs names who decides, and in which role.
func answersAs(w request.Decision) string {
	role := ""
	switch b := w.Body.(type) {
	case event.ApprovalGiven:
		role = b.Role
	case event.ApprovalRefused:
		role = b.Role
	}
	switch {
	case w.Person == "":
		return role
	case role == "":
		return w.Person
	}
	return w.Person + " (" + role + ")"
}

// decide makes a request a decision about a run that was read.
func (d *Desk) decide(r *Reading, req request.Request) (request.Decision, error) {
	env, err := d.ownEnvironment(r)
	if err != nil {
		return request.Decision{}, err
	}
	if _, back := req.(request.Rollback); back && !r.state.EndedAt().IsZero() && len(r.state.Undoable("", "")) == 0 {
		if err := d.belongs(r); err != nil {
			return request.Decision{}, err
		}
	}
	w, err := request.Decide(req, d.standing(r.ID(), r.state, env))
	return w, cmp.Or(err, d.heard(w, env))
}

// eventOf is the event of a decision, by who types.
func (d *Desk) eventOf(w request.Decision) event.Event {
	return event.Event{Time: d.utc(), Path: w.Path, By: d.Actor(w.Person), Body: w.Body}
}

// record appends an event to a run that nobody drives, and holds it if asked.
func (d *Desk) record(id string, e event.Event, hold bool) (*Driving, error) {
	t, err := d.take(id, "")
	if err != nil {
		return nil, err
	}
	err = t.record(e)
	if err != nil || !hold {
		t.Close() // what is asked next is about a run that nobody drives
		return nil, err
	}
	return t, nil
}

// ask hands an event to the process that drives the run and waits until it is
// durable or refused. It returns [store.ErrUndriven] if that process ended
// before it took the event.
func (d *Desk) ask(ctx context.Context, id string, e event.Event) error {
	req, err := d.send(id, e)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := d.Store.Await(waiting, id, req, nil)
	switch {
	case errors.Is(err, store.ErrUndriven):
		return d.missed(id, req)
	case errors.Is(err, context.DeadlineExceeded):
		withdrawn, err := d.Store.Withdraw(id, req)
		if err != nil {
			return err
		}
		return &UnansweredError{Run: id, After: patience, Withdrawn: withdrawn}
	case err != nil:
		return err
	case !reply.OK:
		return &RefusedError{Run: id, Err: errorOf(reply)}
	}
	return nil
}

// send leaves an event in the inbox of a run, as a request with an id.
func (d *Desk) send(id string, e event.Event) (req string, err error) {
	if req, err = d.Store.NewID(d.Now()); err != nil {
		return "", err
	}
	e.Request = req
	body, err := e.Encode()
	if err != nil {
		return "", err
	}
	who := store.Who{User: e.By.User, Person: e.By.Person, Host: e.By.Host, PID: e.By.PID}
	return req, d.Store.Send(id, store.Request{ID: req, Who: who, Events: []json.RawMessage{body}})
}

// missed finds out whether a driver that ended took the request before.
func (d *Desk) missed(id, req string) error {
	if _, err := d.Store.Withdraw(id, req); err != nil {
		return err
	}
	r, err := d.ReadRun(id)
	if err != nil {
		return err
	}
	if r.seen[req] {
		return nil
	}
	return store.ErrUndriven
}
