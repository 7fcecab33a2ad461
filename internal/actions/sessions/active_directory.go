package sessions

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// inActiveDirectory ends every Kerberos sign-in of a domain, by other keys for
// the account krbtgt. A domain honours the keys before the current ones as well,
// and how many differs: so irctl gets a ticket before, and rotates until that
// one is refused.
func inActiveDirectory() kind.Kind {
	k := kind.Change{
		Type: directory.Active(false), Settles: true,
		Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
			if req.With.Has("account") { // which a preflight of the target alone does not say
				if err := permitted(req); err != nil {
					return nil, err
				}
			}
			c, err := directory.Connect(ctx, req)
			if err != nil {
				return nil, err
			}
			return &domain{Conn: c}, nil
		},
		Inputs: func(with action.Values) []action.Problem {
			if account := with.String("account"); with.Has("account") && account != directory.KeysAccount {
				return []action.Problem{{Input: "account", Message: "can only be krbtgt for an Active Directory, which ends the sign-ins of everybody", Hint: "disable a single account with account.disable"}}
			}
			return nil
		},
	}
	k.Type.Tools = tools()
	return k
}

// domain is one call.
type domain struct {
	*directory.Conn
	keys    directory.Keys // of krbtgt
	before  *witness
	rotated int // how often, until a ticket from before was refused
}

// mostRotations bounds how often the keys are rotated: with Samba 4.17 three
// are enough, with Microsoft's directory two.
const mostRotations = 4

// recordVersion is the version of the keys before the first rotation.
const recordVersion = "version"

// Look implements kind.Work. Whether a ticket from before is honoured can be told
// only with one, so after a crash the keys are rotated again.
func (d *domain) Look(_ context.Context, record action.Values) (s kind.State, err error) {
	s.Want = "every Kerberos sign-in from before is refused"
	if d.rotated > 0 {
		s.Desired = true
		s.Summary = fmt.Sprintf("sign-ins from before are refused after %d rotations of krbtgt's keys; tickets for single services and open connections last until they expire or are closed", d.rotated)
		return s, nil
	}
	d.keys, err = d.Keys(directory.KeysAccount)
	s.Current = fmt.Sprintf("krbtgt has keys of version %d, and sign-ins are honoured", d.keys.Version)
	switch before := record.Int(recordVersion); {
	case kind.Settled(record):
		s.Desired = true
		s.Current = fmt.Sprintf("krbtgt has keys of version %d, and had %d before this step; a ticket from before was refused", d.keys.Version, before)
	case len(record) > 0 && d.keys.Version != before:
		s.Unknown = true
		s.Current = fmt.Sprintf("krbtgt has keys of version %d, and had %d before this step; nobody can see any more whether sign-ins from before are honoured", d.keys.Version, before)
	}
	return s, err
}

// Keep implements kind.Keeper. Without a ticket from before nothing begins.
func (d *domain) Keep(ctx context.Context, record action.Values) (_ map[string]any, err error) {
	if d.before, err = newWitness(ctx, d.Conn); err != nil || len(record) > 0 {
		return nil, err
	}
	return map[string]any{recordVersion: d.keys.Version}, nil
}

// Close implements kind.Work.
func (d *domain) Close() {
	if d.before != nil {
		d.before.close()
	}
	d.Conn.Close()
}

// Change implements kind.Work.
func (d *domain) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	for n := 1; n <= mostRotations; n++ {
		if err := d.Rotate(d.keys); err != nil {
			return err
		}
		out.Progress(fmt.Sprintf("the keys of krbtgt were rotated %d times; looking whether a ticket from before is honoured", n))
		honoured, err := d.before.honoured(ctx, "before")
		if err != nil {
			return action.Doubtful(err)
		}
		if !honoured {
			d.rotated = n
			return d.before.confirm(ctx, n)
		}
	}
	return &action.Error{
		Message: fmt.Sprintf("the keys of krbtgt were rotated %d times, and a ticket from before is honoured all the same", mostRotations),
		Hint:    "check whether other domain controllers, which do not have the keys yet, answer at the address of the target; then retry",
	}
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
	case !directory.MayRotate(req):
		return &action.Error{
			Message:   "the environment does not permit the keys of krbtgt to be rotated, which signs everybody out",
			Hint:      "write krbtgt: true into the target's config if its owner agrees",
			Permanent: true,
		}
	}
	return nil
}

// Check implements kind.Checker. It gets a ticket for irctl's own account, as the
// change does.
func (d *domain) Check(ctx context.Context) []error {
	w, err := newWitness(ctx, d.Conn)
	if err != nil {
		return []error{err}
	}
	defer w.close()
	if _, err := d.Keys(directory.KeysAccount); err != nil {
		return []error{err}
	}
	return nil
}
