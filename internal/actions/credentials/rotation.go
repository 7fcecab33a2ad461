package credentials

import (
	"context"
	"errors"

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
	target action.TargetType
	noun   string // what is replaced, for people
	open   func(ctx context.Context, req action.Request) (keeper, error)
	check  func(ctx context.Context, req action.Request) []error // the preflight; all that open finds is found
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
	recordSettled  = "settled"  // sessions from before have ended
)

// password makes a password as the target says.
func password(req action.Request) (action.Secret, error) {
	return newsecret.Generate(req.Target.Config, req.With.Int("length"))
}

// anyPassword is a password that is nobody's.
func anyPassword() (action.Secret, error) { return newsecret.Generate(nil, 0) }

// Target implements kind.Kind.
func (r rotation) Target() action.TargetType { return r.target }

// Run implements kind.Kind.
func (r rotation) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if err := storeNamed(req); err != nil {
		return action.Result{}, err
	}
	k, err := r.open(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer k.Close()
	t := turn{r, k, req, out, req.With.String("account")}
	if !begun(req) {
		return t.begin(ctx)
	}
	credential, ref, err := recalled(ctx, req)
	switch {
	case errors.Is(err, action.ErrSealed):
		// Whether it is the account's, irctl cannot see: the account gets another.
		if credential, ref, err = t.fresh(ctx, map[string]any{}); err != nil {
			return action.Result{}, err
		}
	case err != nil:
		return action.Result{}, err
	default:
		out.Progress("looking whether the credential that an earlier attempt stored is accepted already")
		ok, err := r.proves(ctx, k, t.account, credential)
		if err != nil {
			return action.Result{}, err
		}
		if ok {
			return t.finish(ctx, credential, ref, req.Record)
		}
	}
	return t.change(ctx, credential, ref, req.Record)
}

// turn is one attempt.
type turn struct {
	rotation
	k       keeper
	req     action.Request
	out     action.Sink
	account string
}

func (t turn) begin(ctx context.Context) (action.Result, error) {
	disabled, err := t.k.Find(ctx, t.account)
	if err != nil {
		return action.Result{}, err
	}
	record := map[string]any{recordAccount: t.account, recordDisabled: disabled, recordOld: false}
	if old := t.old(); !old.IsZero() && !disabled {
		if record[recordOld], err = t.proves(ctx, t.k, t.account, old); err != nil {
			return action.Result{}, err
		}
	}
	credential, ref, err := t.fresh(ctx, record)
	if err != nil {
		return action.Result{}, err
	}
	return t.change(ctx, credential, ref, record)
}

func (t turn) old() action.Secret { return t.req.Target.Config.Secret("old_password") }

// fresh makes a credential, stores it, and records where, beside more.
func (t turn) fresh(ctx context.Context, more map[string]any) (action.Secret, string, error) {
	credential, err := t.made(t.req)
	if err != nil {
		return action.Secret{}, "", err
	}
	ref, err := keep(ctx, t.req, credential)
	if err != nil {
		return action.Secret{}, "", err
	}
	more[recordStored] = ref
	return credential, ref, t.out.Record(more)
}

func (t turn) change(ctx context.Context, credential action.Secret, ref string, record action.Values) (action.Result, error) {
	if err := t.k.SetCredential(ctx, t.account, credential); err != nil {
		return action.Result{}, withhold(err, credential)
	}
	return t.finish(ctx, credential, ref, record)
}

// finish follows a change that the system confirmed.
func (t turn) finish(ctx context.Context, credential action.Secret, ref string, record action.Values) (action.Result, error) {
	disabled := record.Bool(recordDisabled)
	note, err := t.k.Settle(ctx, t.account, disabled)
	if err != nil {
		return action.Result{}, unsettled(t.account, err)
	}
	seen, err := t.seen(ctx, credential, disabled, record.Bool(recordOld))
	if err != nil {
		return action.Result{}, err
	}
	if err := t.out.Record(map[string]any{recordSettled: true}); err != nil {
		return action.Result{}, action.Doubtful(err)
	}
	if note != "" {
		note = "; " + note
	}
	return resultOf(t.noun, t.req, ref, note+seen), nil
}

// seen looks from outside, and says what was seen.
func (t turn) seen(ctx context.Context, credential action.Secret, disabled, oldKnown bool) (string, error) {
	if disabled {
		return "; nobody can sign in to see, because the account is disabled", nil
	}
	accepted, err := t.k.Accepts(ctx, t.account, credential)
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
	switch refused, err := t.k.Accepts(ctx, t.account, guess); {
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
func (r rotation) proves(ctx context.Context, k keeper, account string, credential action.Secret) (bool, error) {
	ok, err := k.Accepts(ctx, account, credential)
	if err != nil || !ok {
		return false, err
	}
	guess, err := r.guess()
	if err != nil {
		return false, err
	}
	anything, err := k.Accepts(ctx, account, guess)
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

// Inspect implements action.Inspector.
func (r rotation) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	k, err := r.open(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer k.Close()
	account := req.With.String("account")
	disabled, err := k.Find(ctx, account)
	if err != nil {
		return action.Inspection{}, err
	}
	name := action.CleanLine(account, 60)
	i := action.Inspection{Known: true, Repeatable: true, Current: name + " has the " + r.noun + " it had", Want: name + " has a new " + r.noun}
	if !begun(req) {
		return i, storeNamed(req)
	}
	credential, ref, err := recalled(ctx, req)
	if errors.Is(err, action.ErrSealed) {
		return cannotTell(req), nil
	}
	if err != nil {
		return action.Inspection{}, err
	}
	settled := action.Values(req.Record).Bool(recordSettled)
	if disabled || action.Values(req.Record).Bool(recordDisabled) {
		// Nobody can sign in to see, but who came to the end has changed it.
		i.Known, i.Desired, i.Current = settled, settled && disabled, name+" is disabled, so nobody can see which "+r.noun+" it has"
		i.Outputs = resultOf(r.noun, req, ref, "").Outputs
		return i, nil
	}
	accepted, err := r.proves(ctx, k, account, credential)
	switch {
	case err != nil:
		return action.Inspection{}, err
	case accepted && !settled:
		i.Current = name + " has the " + r.noun + " that this step stored, but sessions from before may be open"
	case accepted:
		i.Desired, i.Current = true, name+" has the "+r.noun+" that this step stored"
		i.Outputs = resultOf(r.noun, req, ref, "").Outputs
	}
	return i, nil
}

// Preflight implements action.Preflighter.
func (r rotation) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	if err := storeNamed(req); err != nil {
		problems = append(problems, err)
	}
	return append(problems, r.check(ctx, req)...)
}

// Validate implements action.Validator.
func (r rotation) Validate(with action.Values, _ string) []action.Problem {
	n, given := with["length"].(int64)
	switch {
	case given && r.longest < 0:
		return []action.Problem{{Input: "length", Message: "means nothing here: what is made is a " + r.noun, Hint: "leave it out"}}
	case given && r.longest > 0 && n > r.longest:
		return []action.Problem{{Input: "length", Message: "is more than the system takes", Hint: "ask for fewer characters, or leave it out"}}
	}
	return validate(with)
}
