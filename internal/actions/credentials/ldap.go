package credentials

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// ldap replaces the password of an entry of a directory by the password modify
// extended operation (RFC 3062).
type ldap struct{}

func (ldap) Target() action.TargetType { return directory.Target(false) }

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
	if err := out.Record(record); err != nil {
		return action.Result{}, err
	}
	return l.replace(ctx, c, req, a, password, ref)
}

// goOn finishes what an earlier attempt began, with the password that it
// stored.
func (l ldap) goOn(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	password, ref, err := recalled(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	dn := action.Values(req.Record).String(recordDN)
	out.Progress("looking whether the password that an earlier attempt stored is accepted already")
	ok, err := directory.CanBind(ctx, req.Target, req.Allow, dn, password)
	if err != nil {
		return action.Result{}, err
	}
	if ok {
		return result(req, ref, ""), nil
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
	a.DN = dn
	return l.replace(ctx, c, req, a, password, ref)
}

func (ldap) replace(ctx context.Context, c *directory.Conn, req action.Request, a directory.Account, password action.Secret, ref string) (action.Result, error) {
	changed := c.SetPassword(a.DN, password)
	if changed != nil && !action.IsDoubtful(changed) {
		return action.Result{}, changed
	}
	ok, err := directory.CanBind(ctx, req.Target, req.Allow, a.DN, password)
	switch {
	case err == nil && ok:
		// Also when the answer was lost: the new password works.
		return result(req, ref, ""), nil
	case changed != nil:
		return action.Result{}, changed
	case err != nil:
		// The directory confirmed the change; only the look failed. The next
		// attempt begins with that look.
		return action.Result{}, action.Doubtful(err)
	case len(a.Lock) > 0:
		return result(req, ref, "; nobody can sign in to see, because the account is disabled"), nil
	}
	return action.Result{}, &action.Error{
		Message: "the directory confirmed the new password of " + a.DN + ", but does not accept it",
		Hint:    "check the directory's password policy, then retry: the same password is set again",
	}
}

func result(req action.Request, ref, but string) action.Result {
	account := req.With.String("account")
	return action.Result{
		Outputs: map[string]any{"account": account, "stored": ref},
		Changed: true,
		Summary: fmt.Sprintf("%s has a new password, stored in %s%s", action.CleanLine(account, 60), ref, but),
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
	if err != nil {
		return action.Inspection{}, err
	}
	i.Desired, err = directory.CanBind(ctx, req.Target, req.Allow, a.DN, password)
	switch {
	case err != nil:
		return action.Inspection{}, err
	case i.Desired:
		i.Current = account + " has the password that this step stored"
		i.Outputs = result(req, ref, "").Outputs
	case len(a.Lock) > 0:
		// A disabled account accepts no password; setting the same one again
		// is harmless.
		i.Known, i.Current = false, account+" is disabled, so nobody can see which password it has"
	}
	return i, nil
}

// Preflight implements action.Preflighter.
func (ldap) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	if err := storeNamed(req); err != nil {
		problems = append(problems, err)
	}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return append(problems, err)
	}
	defer c.Close()
	switch ok, err := c.Supports(directory.PasswordModify); {
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

// Validate implements action.Validator.
func (ldap) Validate(with action.Values, _ string) []action.Problem { return validate(with) }
