package sessions

import (
	"context"
	"fmt"

	machine "github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// activeDirectory ends every Kerberos sign-in of a domain, by other keys for
// the account krbtgt. A domain honours the keys before the current ones as well,
// and how many differs: so irctl gets a ticket before, and rotates until that
// one is refused.
type activeDirectory struct{}

// mostRotations bounds how often the keys are rotated: with Samba 4.17 three
// are enough, with Microsoft's directory two.
const mostRotations = 4

// recordVersion is the version of the keys before the first rotation.
const recordVersion = "version"

// Target implements kind.Kind.
func (activeDirectory) Target() action.TargetType {
	t := directory.Active(false)
	t.Tools = tools()
	return t
}

// Run implements kind.Kind.
func (a activeDirectory) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if err := permitted(req); err != nil {
		return action.Result{}, err
	}
	c, w, err := a.prepare(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer c.Close()
	defer w.at.Close()
	defer w.close(ctx)
	keys, err := c.Keys(directory.KeysAccount)
	if err != nil {
		return action.Result{}, err
	}
	if len(req.Record) == 0 {
		if err := out.Record(map[string]any{recordVersion: keys.Version}); err != nil {
			return action.Result{}, err
		}
	}
	for n := 1; n <= mostRotations; n++ {
		if err := c.Rotate(keys); err != nil {
			return action.Result{}, err
		}
		out.Progress(fmt.Sprintf("the keys of krbtgt were rotated %d times; looking whether a ticket from before is honoured", n))
		honoured, err := w.honoured(ctx, "before")
		if err != nil {
			return action.Result{}, action.Doubtful(err)
		}
		if !honoured {
			return a.confirm(ctx, w, n)
		}
	}
	return action.Result{}, &action.Error{
		Message: fmt.Sprintf("the keys of krbtgt were rotated %d times, and a ticket from before is honoured all the same", mostRotations),
		Hint:    "check whether other domain controllers, which do not have the keys yet, answer at the address of the target; then retry",
	}
}

// confirm sees that a new ticket is honoured: only then was the old one refused
// for its age.
func (activeDirectory) confirm(ctx context.Context, w *witness, n int) (action.Result, error) {
	err := w.signIn(ctx, "after")
	honoured := false
	if err == nil {
		honoured, err = w.honoured(ctx, "after")
	}
	if err == nil && !honoured {
		err = &action.Error{Message: "a new ticket is not honoured either"}
	}
	if err != nil {
		return action.Result{}, &action.Error{
			Message: fmt.Sprintf("the keys of krbtgt were rotated %d times, but nobody can tell whether tickets from before are refused", n),
			Hint:    "check that the domain controller gives out tickets, then retry",
			Cause:   err, Doubt: true,
		}
	}
	return action.Result{
		Outputs: map[string]any{}, Changed: true,
		Summary: fmt.Sprintf("sign-ins from before are refused after %d rotations of krbtgt's keys; tickets for single services and open connections last until they expire or are closed", n),
	}, nil
}

// prepare signs in to the directory and gets the ticket that is to be refused
// afterwards.
func (activeDirectory) prepare(ctx context.Context, req action.Request) (*directory.Conn, *witness, error) {
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return nil, nil, err
	}
	fail := func(err error) (*directory.Conn, *witness, error) {
		c.Close()
		return nil, nil, err
	}
	if err := c.CheckKind(); err != nil {
		return fail(err)
	}
	k, err := c.Kerberos()
	if err != nil {
		return fail(err)
	}
	h, err := machine.Of(req)
	if err != nil {
		return fail(err)
	}
	w, err := newWitness(ctx, h, k, req.Target.Config.Secret("bind_password"))
	if err != nil {
		h.Close()
		return fail(err)
	}
	return c, w, nil
}

// permitted says why a request is refused before anything is looked at.
func permitted(req action.Request) error {
	switch {
	case req.With.String("account") != directory.KeysAccount:
		return &action.Error{
			Message:   "an Active Directory cannot end the sessions of " + action.CleanLine(req.With.String("account"), 60) + " alone",
			Hint:      "disable the account, after which it gets no further tickets; the account krbtgt ends the sign-ins of everybody",
			Permanent: true,
		}
	case !req.Target.Config.Bool("krbtgt"):
		return &action.Error{
			Message:   "the environment does not permit the keys of krbtgt to be rotated, which signs everybody out",
			Hint:      "write krbtgt: true into the target's config if its owner agrees",
			Permanent: true,
		}
	}
	return nil
}

// Inspect implements action.Inspector. Whether a ticket from before is honoured
// can be told only with one, so after a crash the keys are rotated again.
func (activeDirectory) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	if err := permitted(req); err != nil {
		return action.Inspection{}, err
	}
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return action.Inspection{}, err
	}
	defer c.Close()
	keys, err := c.Keys(directory.KeysAccount)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{
		Known: true, Repeatable: true, Want: "every Kerberos sign-in from before is refused",
		Current: fmt.Sprintf("krbtgt has keys of version %d, and sign-ins are honoured", keys.Version),
	}
	if before := action.Values(req.Record).Int(recordVersion); len(req.Record) > 0 && keys.Version != before {
		i.Known = false
		i.Current = fmt.Sprintf("krbtgt has keys of version %d, and had %d before this step; nobody can see any more whether sign-ins from before are honoured", keys.Version, before)
	}
	return i, nil
}

// Preflight implements action.Preflighter. It gets a ticket for irctl's own
// account, as Run does.
func (a activeDirectory) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	if req.With.Has("account") {
		if err := permitted(req); err != nil {
			problems = append(problems, err)
		}
	}
	c, w, err := a.prepare(ctx, req)
	if err != nil {
		return append(problems, err)
	}
	defer c.Close()
	defer w.at.Close()
	defer w.close(ctx)
	if _, err := c.Keys(directory.KeysAccount); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// Validate implements action.Validator.
func (activeDirectory) Validate(with action.Values, _ string) []action.Problem {
	if account := with.String("account"); with.Has("account") && account != directory.KeysAccount {
		return []action.Problem{{Input: "account", Message: "can only be krbtgt for an Active Directory, which ends the sign-ins of everybody", Hint: "disable a single account with account.disable"}}
	}
	return nil
}
