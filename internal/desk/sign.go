package desk

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// standing is a run as it stands for who asks something of it now.
func (d *Desk) standing(run string, s engine.State, env *environment.Environment) standing {
	st := standing{run: run, state: s, rules: rulesOf(env), account: d.User(), at: d.utc()}
	st.signer = func() (sshsig.Signer, error) {
		if d.Signer == nil {
			return nil, nil
		}
		return d.Signer(func(key sshsig.Key) bool { return env != nil && env.Owner(key) != "" })
	}
	return st
}

// rulesOf are who may ask what in an environment.
func rulesOf(env *environment.Environment) authority.Rules {
	if env == nil {
		return authority.Rules{}
	}
	return authority.Rules{People: env.People, BreakGlass: env.BreakGlass()}
}

// rules are those of now: the machine's policy may have revoked a key since the
// run was taken.
func (t *Driving) rules() (authority.Rules, error) {
	if t.env == nil {
		return authority.Rules{}, nil
	}
	policy, err := t.d.Policy()
	if err != nil {
		return authority.Rules{}, err
	}
	env, _ := t.env.Under(policy)
	return rulesOf(env), nil
}

// signs says whether answers in some roles must be signed.
func (t *Driving) signs(s engine.State) func([]string) bool {
	rules := rulesOf(t.env)
	return func(roles []string) bool { return rules.Signs(s, roles, t.d.utc()) }
}

// signs is the same of a run that was read. Its environment is read when it is
// asked: a run whose environment cannot be read says so where it matters.
func (d *Desk) signs(r *Reading) func([]string) bool {
	return func(roles []string) bool {
		env, err := d.ownEnvironment(r)
		return err == nil && rulesOf(env).Signs(r.state, roles, d.utc())
	}
}

// decider finds the person who decides something with the authority of a role,
// and the key to sign it with; nil where nobody signs.
func (st standing) decider(path string, body event.Body, as, role string) (authority.Speaker, sshsig.Signer, error) {
	by := authority.Speaker{Account: st.account, Person: as, Role: role}
	roles, _ := st.rules.Asked(st.state, event.Event{Time: st.at, Path: path, Body: body})
	var signer sshsig.Signer
	if st.rules.Signs(st.state, roles, st.at) {
		var err error
		if signer, err = st.signer(); err != nil {
			return by, nil, err
		}
		if signer == nil {
			return by, nil, &UnsignedError{Run: st.run}
		}
		by.Key = signer.Key()
	}
	by, err := st.rules.As(st.state, st.at, by, roles)
	return by, signer, err
}

// UnsignedError says that a decision must be signed, and that whoever typed has
// no key here.
type UnsignedError struct{ Run string }

// Error implements error.
func (e *UnsignedError) Error() string {
	return "this must be signed, and irctl knows no key of yours: without a signature it counts for nothing"
}

// person finds a person of the environment.
func (st standing) person(name string) (environment.Person, bool) {
	return (&environment.Environment{People: st.rules.People}).Person(name)
}

// longestSigned is for how long a signed decision may lie until it is written
// down, where the question has no end.
const longestSigned = 24 * time.Hour

// signed signs an event in the name of its person, if it is to be.
func (d *Desk) signed(ctx context.Context, s engine.State, e event.Event, signer sshsig.Signer) (event.Event, error) {
	if signer == nil {
		return e, nil
	}
	statement, err := authority.StatementOf(s, e, rand.Text(), expiry(s, e))
	if err != nil {
		return e, err
	}
	out := event.Signed{Statement: statement.Text(), Key: string(signer.Key())}
	if out.Signature, err = signer.Sign(ctx, sshsig.Approval, []byte(out.Statement)); err != nil {
		return e, err
	}
	return authority.Under(e, out), nil
}

// expiry is until when what is signed counts: as long as the question stands.
func expiry(s engine.State, e event.Event) time.Time {
	step, _ := s.Step(e.Path)
	if at := step.Deadline; step.Phase == engine.Approving && !at.IsZero() && at.Sub(e.Time) < longestSigned && at.After(e.Time) {
		return at.Add(time.Second) // a statement has whole seconds
	}
	return e.Time.Add(longestSigned)
}

// people takes the people of an environment for those who decide from here on.
func (f *folding) people(from string, source []byte) {
	f.rules = authority.Rules{}
	if source == nil {
		return
	}
	env, ds := environment.Parse(from, source)
	if f.unread = env == nil || ds.HasErrors(); env != nil {
		f.rules.People = staying(from, f.files.Environment, env.People)
	}
}

// decided says why a decision in a journal counts for nothing, "" if it counts,
// or if it is none. The writer refused it then; a journal in which it stands was
// not written by irctl. What the machine's policy permitted then nobody knows.
func (f *folding) decided(before engine.State, e event.Event) string {
	rules := f.rules
	switch b := e.Body.(type) {
	case event.ApprovalGiven:
		if b.BreakGlass != "" {
			rules.BreakGlass = []string{b.Role}
		}
	case event.StepRetried:
		if b.Environment.Source != "" {
			source, _ := f.kept(b.Environment.File.Digest) // that it is missing is another finding
			f.people(b.Environment.Source, source)
		}
		return ""
	case event.ApprovalRefused, event.AuthorityDelegated:
	default:
		return ""
	}
	if f.unread {
		return "whether the decision counts cannot be told: this irctl cannot read the environment of the run"
	}
	if err := rules.May(before, e, authority.SpeakerOf(e, authority.Inbox)); err != nil {
		return "the decision does not count: " + err.Error()
	}
	return ""
}
