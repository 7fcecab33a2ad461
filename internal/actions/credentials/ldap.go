package credentials

import (
	"context"
	"errors"
	"fmt"

	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// ldap replaces the password of an entry of a directory by the password modify
// extended operation (RFC 3062).
type ldap struct {
	target func(undo bool) action.TargetType
}

// Target implements kind.Kind.
func (l ldap) Target() action.TargetType { return l.target(false) }

// Run implements kind.Kind.
func (l ldap) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if err := storeNamed(req); err != nil {
		return action.Result{}, err
	}
	if begun(req) {
		return l.goOn(ctx, req, out)
	}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return action.Result{}, err
	}
	defer c.Close()
	a, err := c.Find(req.With.String("account"))
	if err != nil {
		return action.Result{}, err
	}
	password, ref, err := fresh(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	record := map[string]any{recordStored: ref, recordAccount: req.With.String("account"), recordDN: a.DN}
	lock := lasting(a)
	if len(lock) > 0 {
		record[recordLock] = texts(lock)
	}
	if err := out.Record(record); err != nil {
		return action.Result{}, err
	}
	return change{c, req, a.DN, password, ref, lock}.run(ctx)
}

// goOn finishes what an earlier attempt began, with the password that it
// stored if anybody can tell whether that is the account's.
func (ldap) goOn(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	password, ref, err := recalled(ctx, req)
	sealed := errors.Is(err, action.ErrSealed)
	if err != nil && !sealed {
		return action.Result{}, err
	}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return action.Result{}, err
	}
	defer c.Close()
	a, err := c.Find(req.With.String("account"))
	if err != nil {
		return action.Result{}, err
	}
	ch := change{c, req, action.Values(req.Record).String(recordDN), password, ref, recordedLock(req)}
	if !sealed {
		out.Progress("looking whether the password that an earlier attempt stored is accepted already")
		answer, err := directory.Try(ctx, req.Target, req.Allow, ch.dn, password)
		switch {
		case err != nil:
			return action.Result{}, err
		case answer == directory.Accepted || answer == directory.Barred:
			return ch.finish(ctx)
		case len(a.Lock) == 0:
			return ch.run(ctx)
		}
	}
	// Nobody can sign in to an account that is disabled. If the stored password
	// is its own, a directory that keeps a history refuses to set it again, so
	// it gets another. So does one whose stored password irctl cannot read.
	if ch.password, ch.ref, err = fresh(ctx, req); err != nil {
		return action.Result{}, err
	}
	if err := out.Record(map[string]any{recordStored: ch.ref}); err != nil {
		return action.Result{}, err
	}
	return ch.run(ctx)
}

// change is what one attempt does to an entry.
type change struct {
	c        *directory.Conn
	req      action.Request
	dn       string
	password action.Secret
	ref      string
	lock     []string // what disables the entry, and has to stand afterwards
}

func (ch change) run(ctx context.Context) (action.Result, error) {
	// Somebody may just have disabled the account.
	now, err := ch.c.Find(ch.req.With.String("account"))
	if err != nil {
		return action.Result{}, err
	}
	if now.Locked {
		ch.lock = now.Lock
	}
	if len(ch.lock) > 0 {
		// A new password enables the account in directories such as OpenLDAP.
		// Who may not write the lock must learn it before.
		if err := ch.c.SetLock(ch.dn, ch.lock); err != nil {
			return action.Result{}, err
		}
	}
	changed := ch.c.SetPassword(ch.dn, ch.password)
	if changed != nil {
		if !action.IsDoubtful(changed) {
			return action.Result{}, changed
		}
		again, err := directory.Connect(ctx, ch.req.Target, ch.req.Allow)
		if err != nil {
			return action.Result{}, changed
		}
		defer again.Close()
		ch.c = again
	}
	r, err := ch.finish(ctx)
	switch {
	case changed == nil:
		return r, err
	case len(ch.lock) > 0 && err != nil:
		return action.Result{}, action.Doubtful(err)
	case len(ch.lock) > 0 || err != nil:
		// Nobody can see whether a disabled account got its password.
		return action.Result{}, changed
	}
	return r, nil // the answer was lost, but the new password works
}

// finish disables again what was disabled before, and signs in to see that the
// new password works, as far as anybody can see that.
func (ch change) finish(ctx context.Context) (action.Result, error) {
	if len(ch.lock) > 0 {
		if err := ch.disableAgain(); err != nil {
			return action.Result{}, err
		}
		if !ch.c.SaysWhy() {
			return result(ch.req, ch.ref, "; nobody can sign in to see, because the account is disabled"), nil
		}
	}
	answer, err := directory.Try(ctx, ch.req.Target, ch.req.Allow, ch.dn, ch.password)
	switch {
	case err != nil:
		// The directory confirmed the change; only the look failed. The next
		// attempt begins with that look.
		return action.Result{}, action.Doubtful(err)
	case answer == directory.Accepted:
		return result(ch.req, ch.ref, ""), nil
	case answer == directory.Barred:
		return result(ch.req, ch.ref, "; the account cannot sign in, as before"), nil
	case answer == directory.Silent:
		return result(ch.req, ch.ref, "; nobody can sign in to see, because wrong passwords have locked the account for a while"), nil
	}
	return action.Result{}, &action.Error{
		Message: "the directory confirmed the new password of " + ch.dn + ", but does not accept it",
		Hint:    "check the directory's password policy, then retry: the same password is set again",
	}
}

// disableAgain puts the lock back if the directory took it away with the old
// password.
func (ch change) disableAgain() error {
	a, err := ch.c.Find(ch.req.With.String("account"))
	if err == nil && !a.Locked {
		err = ch.c.SetLock(ch.dn, ch.lock)
	}
	if err != nil {
		return &action.Error{
			Message: ch.dn + " has its new password, but the directory may have enabled the account with that, and it could not be disabled again",
			Hint:    "disable it by hand at once, or retry",
			Cause:   err,
		}
	}
	return nil
}

// lasting is the lock that has to stand when the password is another. One for
// a while is the directory's own answer to guesses at the old password, and
// the directory's to take away.
func lasting(a directory.Account) []string {
	if a.Locked {
		return a.Lock
	}
	return nil
}

func recordedLock(req action.Request) []string { return action.Values(req.Record).Strings(recordLock) }

func texts(values []string) []any {
	var out []any
	for _, v := range values {
		out = append(out, v)
	}
	return out
}

func result(req action.Request, ref, but string) action.Result {
	return resultOf("password", req, ref, but)
}

func resultOf(noun string, req action.Request, ref, but string) action.Result {
	account := req.With.String("account")
	return action.Result{
		Outputs: map[string]any{"account": account, "stored": ref},
		Changed: true,
		Summary: fmt.Sprintf("%s has a new %s, stored in %s%s", action.CleanLine(account, 60), noun, ref, but),
	}
}

// Inspect implements action.Inspector. What an earlier attempt stored tells
// whether it came as far as the change.
func (ldap) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	account := action.CleanLine(req.With.String("account"), 60)
	i := action.Inspection{Known: true, Repeatable: true, Want: account + " has a new password"}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return action.Inspection{}, err
	}
	defer c.Close()
	a, err := c.Find(req.With.String("account"))
	if err != nil {
		return action.Inspection{}, err
	}
	i.Current = account + " has the password it had"
	if !begun(req) {
		return i, storeNamed(req)
	}
	password, ref, err := recalled(ctx, req)
	if errors.Is(err, action.ErrSealed) {
		return cannotTell(req), nil
	}
	if err != nil {
		return action.Inspection{}, err
	}
	answer, err := directory.Try(ctx, req.Target, req.Allow, a.DN, password)
	if err != nil {
		return action.Inspection{}, err
	}
	i.Desired = answer == directory.Accepted || answer == directory.Barred
	switch {
	case answer == directory.Silent:
		i.Known, i.Current = false, account+" is locked for a while, so nobody can see which password it has"
	case answer == directory.Accepted && len(recordedLock(req)) > 0:
		i.Desired, i.Current = false, account+" has the password that this step stored, but is enabled, which it was not before"
	case i.Desired:
		i.Current = account + " has the password that this step stored"
		i.Outputs = result(req, ref, "").Outputs
	case len(a.Lock) > 0:
		// A disabled account accepts no password; giving it a new one again is
		// harmless.
		i.Known, i.Current = false, account+" is disabled, so nobody can see which password it has"
	}
	return i, nil
}

// Preflight implements action.Preflighter.
func (l ldap) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	if err := storeNamed(req); err != nil {
		problems = append(problems, err)
	}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return append(problems, err)
	}
	defer c.Close()
	switch ok, err := l.replaces(c); {
	case err != nil:
		problems = append(problems, err)
	case !ok:
		problems = append(problems, &action.Error{
			Message: "the directory does not offer to replace passwords (RFC 3062)",
			Hint:    "use a target of type command or http for this directory",
		})
	}
	if account := req.With.String("account"); account != "" {
		if _, err := c.Find(account); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

// replaces reports whether the directory can replace passwords.
func (l ldap) replaces(c *directory.Conn) (bool, error) {
	if l.target(false).Name == directory.ActiveType {
		return true, c.CheckKind()
	}
	return c.Supports(directory.PasswordModify)
}

// Validate implements action.Validator.
func (ldap) Validate(with action.Values, _ string) []action.Problem { return validate(with) }
