package credentials

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// keeper is a system that keeps a credential for each account. The methods that
// change something are harmless when repeated. It is a signer or a teller.
type keeper interface {
	// Find looks for the account. Disabled says that it cannot sign in,
	// whatever its credential is.
	Find(ctx context.Context, account string) (disabled bool, err error)
	// Make makes a new credential, of so many characters if that is not 0.
	Make(length int64) (action.Secret, error)
	// Old is the credential until now, zero if nobody said.
	Old() action.Secret
	// SetCredential puts a new credential in the place of every old one.
	SetCredential(ctx context.Context, account string, credential action.Secret) error
	// Settle does what has to follow: sessions from before end, an account that
	// was disabled is disabled again, and what the system holds in memory is
	// saved. Its note is for people, "" or a part of a sentence.
	Settle(ctx context.Context, account string, disabled bool) (note string, err error)
	// Preflight says what keeps irctl from acting, on an account if that is not "".
	Preflight(ctx context.Context, account string) []error
	Close()
}

// leaky is a keeper that sees by what an account may sign in besides its
// credential: free ways ask for nothing, the note is about others.
type leaky interface {
	Open(ctx context.Context, account string) (free []string, note string, err error)
}

// rotation replaces the credentials that a keeper keeps.
type rotation struct {
	noun string // what is replaced, for people
	// longest is how many characters a credential may have; 0 is any number,
	// and with -1 there is no choice.
	longest int64
	// guarded says that the system, a teller, has no sessions and remembers the
	// credentials from before: what may have been set is not set again.
	guarded bool
}

// The names of what the attempts record beside what stored.go names.
const (
	recordDisabled = "disabled" // the account was, and has to stay so
	recordOld      = "old"      // old_password was the account's
)

// rotate makes a kind out of a keeper.
func rotate[K keeper](r rotation, t action.TargetType, open func(context.Context, action.Request) (K, error)) kind.Kind {
	return kind.Change{
		Type: t, Settles: true,
		Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
			k, err := open(ctx, req)
			if err != nil {
				return nil, err
			}
			return &turn{rotation: r, keeper: k, req: req, account: req.With.String("account")}, nil
		},
		Inputs: r.validate,
	}
}

// turn is one call.
type turn struct {
	rotation
	keeper
	req        action.Request
	account    string
	disabled   bool
	credential action.Secret
	ref        string // under which the credential is stored, "" before there is one
	accepted   bool   // the credential is the account's, as far as was seen
	finished   bool
	done       string // what was seen once all was done
}

// Check implements kind.Checker.
func (t *turn) Check(ctx context.Context) []error {
	problems := t.Preflight(ctx, t.account)
	if err := storeNamed(t.req); err != nil {
		problems = append([]error{err}, problems...)
	}
	k, ok := t.keeper.(leaky)
	if !ok || len(problems) > 0 {
		return problems
	}
	free, _, err := k.Open(ctx, t.account)
	if err != nil {
		return []error{err}
	}
	for _, way := range free {
		problems = append(problems, &action.Error{Message: "a new " + t.noun + " would leave open " + way, Hint: "have the system ask for a credential there", Permanent: true})
	}
	return problems
}

// Look implements kind.Work.
func (t *turn) Look(ctx context.Context, record action.Values) (kind.State, error) {
	s, err := t.look(ctx, record)
	if k, ok := t.keeper.(leaky); ok && err == nil && s.Desired {
		var note string
		s.Open, note, err = k.Open(ctx, t.account)
		s.Summary += note
	}
	return s, err
}

func (t *turn) look(ctx context.Context, record action.Values) (kind.State, error) {
	name := action.CleanLine(t.account, 60)
	s := kind.State{Current: name + " has the " + t.noun + " it had", Want: name + " has a new " + t.noun}
	if t.finished {
		r := result(t.noun, t.req, t.ref, t.done)
		s.Desired, s.Outputs, s.Summary = true, r.Outputs, r.Summary
		return s, nil
	}
	err := storeNamed(t.req)
	if err != nil {
		return s, err
	}
	if t.disabled, err = t.Find(ctx, t.account); err != nil || !begun(t.req) {
		return s, err
	}
	settled, same := kind.Settled(record), t.disabled || !wasDisabled(record)
	t.credential, t.ref, err = recalled(ctx, t.req)
	switch {
	case errors.Is(err, action.ErrSealed) && settled:
		r := result(t.noun, t.req, t.ref, "")
		s.Desired, s.Outputs, s.Summary = same, r.Outputs, r.Summary
		s.Current = name + " got the " + t.noun + " that this step stored, which irctl cannot read"
		return s, nil
	case errors.Is(err, action.ErrSealed):
		// Whether it is the account's, irctl cannot see: the account gets another.
		t.ref, s.Unknown = "", true
		s.Current = "an earlier attempt stored a " + t.noun + " that irctl cannot read, so nobody can see whether it is the account's"
		return s, nil
	case err != nil:
		return s, err
	}
	r := result(t.noun, t.req, t.ref, "")
	said, err := t.ask(ctx, t.credential, t.disabled || wasDisabled(record))
	switch {
	case err != nil:
		return s, err
	case said.unknown != "":
		// Who came to the end has changed it all the same.
		s.Unknown, s.Desired = !settled, settled && same
		s.Current = name + " cannot sign in, so nobody can see which " + t.noun + " it has: " + said.unknown
		s.Outputs, s.Summary = r.Outputs, r.Summary
		if t.guarded && !settled {
			t.ref = ""
		}
		return s, nil
	case !said.right:
		return s, nil
	}
	t.accepted, s.Desired = true, same
	s.Current = name + " has the " + t.noun + " that this step stored"
	switch {
	case !s.Desired:
		s.Current += ", but is enabled, which it was not before"
	case t.guarded || settled:
		s.Outputs, s.Summary = r.Outputs, r.Summary
	default:
		s.Current += ", but sessions from before may be open"
	}
	return s, nil
}

// wasDisabled reports whether the account was disabled before the step. Of
// directories its lock was recorded at first.
func wasDisabled(record action.Values) bool {
	return record.Bool(recordDisabled) || len(record.Strings("lock")) > 0
}

// Keep implements kind.Keeper: it makes the new credential and stores it, and
// what is recorded is where.
func (t *turn) Keep(ctx context.Context, _ action.Values) (map[string]any, error) {
	if t.ref != "" {
		return nil, nil
	}
	record := map[string]any{}
	if !begun(t.req) {
		record[recordAccount], record[recordDisabled], record[recordOld] = t.account, t.disabled, false
		if old := t.Old(); !old.IsZero() && !t.disabled {
			known, err := t.proves(ctx, old)
			if err != nil {
				return nil, err
			}
			record[recordOld] = known
		}
	}
	var err error
	if t.credential, err = t.Make(t.req.With.Int("length")); err != nil {
		return nil, err
	}
	t.ref, err = keep(ctx, t.req, t.credential)
	record[recordStored] = t.ref
	return record, err
}

// Change implements kind.Work. It sees by itself what people will, before it
// ends: only so can it say what was seen.
func (t *turn) Change(ctx context.Context, record action.Values, _ action.Sink) error {
	if !t.accepted {
		if err := t.SetCredential(ctx, t.account, t.credential); err != nil {
			return withhold(err, t.credential)
		}
	}
	disabled := wasDisabled(record)
	note, err := t.Settle(ctx, t.account, disabled)
	if err != nil {
		if t.guarded {
			return err
		}
		return unsettled(t.account, err)
	}
	seen, err := t.seen(ctx, disabled, record.Bool(recordOld))
	if err != nil {
		return err
	}
	if note != "" {
		note = "; " + note
	}
	t.finished, t.done = true, note+seen
	return nil
}

func unsettled(account string, err error) error {
	e := &action.Error{
		Message: action.CleanLine(account, 60) + " has its new credential, but sessions from before may be open still",
		Hint:    "retry: the same credential is kept, and what is missing is done",
		Cause:   err,
		Doubt:   action.IsDoubtful(err),
	}
	var why *action.Error
	if errors.As(err, &why) && why.Hint != "" {
		e.Hint = why.Hint + "; then retry"
	}
	return e
}

func (r rotation) validate(with action.Values) []action.Problem {
	n, given := with["length"].(int64)
	switch {
	case given && r.longest < 0:
		return []action.Problem{{Input: "length", Message: "means nothing here: what is made is a " + r.noun, Hint: "leave it out"}}
	case given && r.longest > 0 && n > r.longest:
		return []action.Problem{{Input: "length", Message: "is more than the system takes", Hint: "ask for fewer characters, or leave it out"}}
	}
	return validate(with)
}
