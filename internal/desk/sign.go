package desk

import (
	"strings"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// standing is a run as it stands for who asks something of it now.
func (d *Desk) standing(run string, s engine.State, env *environment.Environment) request.Standing {
	st := request.Standing{Run: run, State: s, Rules: rulesOf(env), Account: d.User(), At: d.utc()}
	st.Signer = func() (sshsig.Signer, error) {
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

// counts says whether a hand-over counts by now, as the run's environment and the
// machine's policy say. If neither can be read, nothing does.
func (d *Desk) counts(environ func() (*environment.Environment, error)) func(event.Event) bool {
	return func(e event.Event) bool {
		env, err := environ()
		policy, unread := d.Policy()
		if err != nil || unread != nil {
			return false
		}
		if env != nil {
			env, _ = env.Under(policy)
		}
		return rulesOf(env).Counts(e)
	}
}

// Carry is what a step of a run asks, as lines that somebody can carry to where
// the run is not.
func (d *Desk) Carry(prefix, name string) (request.Question, []string, error) {
	r, err := d.Read(prefix)
	if err != nil {
		return request.Question{}, nil, err
	}
	env, err := d.ownEnvironment(r)
	if err != nil {
		return request.Question{}, nil, err
	}
	return d.standing(r.ID(), r.state, env).Carry(name)
}

// code is what a message about a step lets somebody answer with who is not at the
// run; "" if that cannot be.
func (t *Driving) code(s engine.State, path string) string {
	_, lines, err := t.d.standing(t.Run(), s, t.env).Carry(path)
	if err != nil {
		return ""
	}
	return strings.Join(lines, "\n")
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
