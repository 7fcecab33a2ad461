package credentials

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// keeper is a system that keeps a credential for each account, and that can be
// signed in to as an account to see whether it is accepted. The methods that
// change something are harmless when repeated.
type keeper interface {
	// Find looks for the account. Disabled says that it cannot sign in,
	// whatever its credential is.
	Find(ctx context.Context, account string) (disabled bool, err error)
	// Accepts tries a credential. For a disabled account it may say false of
	// the right one.
	Accepts(ctx context.Context, account string, credential action.Secret) (bool, error)
	// SetCredential puts a new credential in the place of every old one.
	SetCredential(ctx context.Context, account string, credential action.Secret) error
	// Settle does what has to follow: sessions from before end, an account that
	// was disabled is disabled again, and what the system holds in memory is
	// saved. Its note is for people, "" or a part of a sentence.
	Settle(ctx context.Context, account string, disabled bool) (note string, err error)
	Close()
}

// rotation replaces the credentials that a keeper keeps.
type rotation struct {
	noun string // what is replaced, for people
	// made makes a new credential, guess one that nobody has.
	made  func(req action.Request) (action.Secret, error)
	guess func() (action.Secret, error)
	// longest is how many characters a credential may have; 0 is any number,
	// and with -1 there is no choice.
	longest int64
}

// The names of what the attempts record beside what stored.go names.
const (
	recordDisabled = "disabled" // the account was, and has to stay so
	recordOld      = "old"      // old_password was the account's
)

// rotate makes a kind out of a keeper. Check is its preflight: all that open
// finds is found.
func (r rotation) rotate(t action.TargetType, check func(context.Context, action.Request) []error, open func(context.Context, action.Request) (keeper, error)) kind.Kind {
	return kind.Change{
		Type: t, Settles: true,
		Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
			if err := storeNamed(req); err != nil {
				return nil, err
			}
			k, err := open(ctx, req)
			if err != nil {
				return nil, err
			}
			return &turn{rotation: r, keeper: k, req: req, account: req.With.String("account")}, nil
		},
		Check: func(ctx context.Context, req action.Request) []error {
			problems := check(ctx, req)
			if err := storeNamed(req); err != nil {
				problems = append([]error{err}, problems...)
			}
			return problems
		},
		Inputs: r.validate,
	}
}

// password makes a password as the target says.
func password(req action.Request) (action.Secret, error) {
	return newsecret.Generate(req.Target.Config, req.With.Int("length"))
}

// anyPassword is a password that is nobody's.
func anyPassword() (action.Secret, error) { return newsecret.Generate(nil, 0) }

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
	done       string // what was seen once all was done, "" before
}

// Look implements kind.Work.
func (t *turn) Look(ctx context.Context, record action.Values) (kind.State, error) {
	name := action.CleanLine(t.account, 60)
	s := kind.State{Current: name + " has the " + t.noun + " it had", Want: name + " has a new " + t.noun}
	if t.done != "" {
		r := resultOf(t.noun, t.req, t.ref, t.done)
		s.Desired, s.Outputs, s.Summary = true, r.Outputs, r.Summary
		return s, nil
	}
	var err error
	if t.disabled, err = t.Find(ctx, t.account); err != nil || !begun(t.req) {
		return s, err
	}
	t.credential, t.ref, err = recalled(ctx, t.req)
	switch {
	case errors.Is(err, action.ErrSealed):
		// Whether it is the account's, irctl cannot see: the account gets another.
		t.ref, s.Unknown = "", true
		s.Current = "an earlier attempt stored a " + t.noun + " that irctl cannot read, so nobody can see whether it is the account's"
		return s, nil
	case err != nil:
		return s, err
	}
	r := resultOf(t.noun, t.req, t.ref, "")
	if t.disabled || record.Bool(recordDisabled) {
		// Nobody can sign in to see, but who came to the end has changed it.
		s.Unknown, s.Desired = !record.Bool("settled"), t.disabled
		s.Current = name + " is disabled, so nobody can see which " + t.noun + " it has"
		s.Outputs, s.Summary = r.Outputs, r.Summary
		return s, nil
	}
	if t.accepted, err = t.proves(ctx, t.credential); err != nil || !t.accepted {
		return s, err
	}
	s.Desired, s.Current = true, name+" has the "+t.noun+" that this step stored, but sessions from before may be open"
	if record.Bool("settled") {
		s.Current, s.Outputs, s.Summary = name+" has the "+t.noun+" that this step stored", r.Outputs, r.Summary
	}
	return s, nil
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
		if old := t.old(); !old.IsZero() && !t.disabled {
			known, err := t.proves(ctx, old)
			if err != nil {
				return nil, err
			}
			record[recordOld] = known
		}
	}
	var err error
	if t.credential, err = t.made(t.req); err != nil {
		return nil, err
	}
	t.ref, err = keep(ctx, t.req, t.credential)
	record[recordStored] = t.ref
	return record, err
}

func (t *turn) old() action.Secret { return t.req.Target.Config.Secret("old_password") }

// Change implements kind.Work. It sees by itself what people will, before it
// ends: only so can it say what was seen.
func (t *turn) Change(ctx context.Context, record action.Values, _ action.Sink) error {
	if !t.accepted {
		if err := t.SetCredential(ctx, t.account, t.credential); err != nil {
			return withhold(err, t.credential)
		}
	}
	disabled := record.Bool(recordDisabled)
	note, err := t.Settle(ctx, t.account, disabled)
	if err != nil {
		return unsettled(t.account, err)
	}
	seen, err := t.seen(ctx, t.credential, disabled, record.Bool(recordOld))
	if err != nil {
		return err
	}
	if note != "" {
		note = "; " + note
	}
	t.done = note + seen
	return nil
}

// seen looks from outside, and says what was seen.
func (t *turn) seen(ctx context.Context, credential action.Secret, disabled, oldKnown bool) (string, error) {
	if disabled {
		return "; nobody can sign in to see, because the account is disabled", nil
	}
	accepted, err := t.Accepts(ctx, t.account, credential)
	if err != nil {
		return "", action.Doubtful(err)
	}
	if !accepted {
		return "", &action.Error{
			Message: "the system confirmed the new credential of " + action.CleanLine(t.account, 60) + ", but does not accept it",
			Hint:    "check that the account may sign in from where irctl does, then retry: the same credential is set again",
		}
	}
	guess, err := t.guess()
	if err != nil {
		return "", err
	}
	if oldKnown {
		guess = t.old()
	}
	switch refused, err := t.Accepts(ctx, t.account, guess); {
	case err != nil:
		return "", action.Doubtful(err)
	case refused && oldKnown:
		return "", &action.Error{
			Message: action.CleanLine(t.account, 60) + " has its new credential, but the old one is accepted too",
			Hint:    "look how else the system lets people sign in, and retry",
		}
	case refused:
		return "", &action.Error{
			Message: action.CleanLine(t.account, 60) + " has its new credential, but the system lets it sign in with any, from where irctl does",
			Hint:    "have the system ask for a credential (in PostgreSQL, see pg_hba.conf for trust), then retry",
		}
	case oldKnown:
		return "; the new one is accepted and the old one refused", nil
	}
	return "; the new one is accepted, another refused", nil
}

// proves reports whether the account signs in with this credential and not
// with any.
func (t *turn) proves(ctx context.Context, credential action.Secret) (bool, error) {
	ok, err := t.Accepts(ctx, t.account, credential)
	if err != nil || !ok {
		return false, err
	}
	guess, err := t.guess()
	if err != nil {
		return false, err
	}
	anything, err := t.Accepts(ctx, t.account, guess)
	return !anything, err
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
