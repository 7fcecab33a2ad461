package library

import (
	"fmt"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/signature"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// signed is what the signatures of playbooks say.
type signed struct {
	good    []event.Signature
	refused []string // why a playbook must not run, if the environment asks for signatures
	// demanded says that the machine's policy asks for them: nobody who runs a
	// playbook can do without.
	demanded bool
	warned   []string // broken signatures, whether or not anybody asks for them
}

// signatures looks for good signatures of the playbooks by those whom the
// environment trusts. A key that cannot be read is an error: nobody is trusted
// by mistake.
func (p *playbooks) signatures(env *environment.Environment) (signed, error) {
	var out signed
	var trusted []signature.Key
	if env != nil {
		var err error
		if trusted, err = trustedKeys(env); err != nil {
			return out, err
		}
	}
	for i, pb := range p.all {
		out.look(p.files[i].Path, pb, trusted, p.l.Now().UTC())
	}
	policy, err := p.l.Policy()
	if err != nil {
		return out, err
	}
	out.demanded = policy.SignedPlaybooks()
	if !out.demanded && (env == nil || !env.Playbooks().Signed) {
		out.refused = nil
	}
	out.warned = slices.DeleteFunc(out.warned, func(why string) bool { return slices.Contains(out.refused, why) })
	return out, nil
}

// look checks the signatures of one playbook.
func (s *signed) look(path string, pb *cacao.Playbook, trusted []signature.Key, now time.Time) {
	report, err := signature.Verify(pb.Source, trusted, now)
	if err != nil {
		why := fmt.Sprintf("%s: %v", path, err)
		s.refused = append(s.refused, why)
		if len(pb.Signatures) > 0 {
			s.warned = append(s.warned, why)
		}
		return
	}
	_, signed := report.Signed()
	if len(report.Signatures) == 0 {
		s.refused = append(s.refused, path+": it is not signed")
	}
	for _, f := range report.Signatures {
		if f.Verdict == signature.Valid {
			s.good = append(s.good, event.Signature{Source: path, Signee: f.Signee, Algorithm: f.Algorithm, Key: f.Key, KeyPrint: f.Print})
		}
		for outer := &f; outer != nil; outer = outer.Counter {
			why := fmt.Sprintf("%s: the signature by %q does not count: %s", path, outer.Signee, outer.Why)
			if !signed && outer == &f {
				s.refused = append(s.refused, why)
			}
			if outer.Verdict == signature.Invalid {
				s.warned = append(s.warned, why)
			}
		}
	}
}

// trustedKeys are the keys of those who may sign playbooks.
func trustedKeys(env *environment.Environment) ([]signature.Key, error) {
	var out []signature.Key
	for _, t := range env.Playbooks().Trusted {
		text, err := env.Key(t)
		if err != nil {
			return nil, err
		}
		keys, err := signature.ParseKeys(t.Name, text)
		if err != nil {
			return nil, &action.Error{Message: err.Error(), Hint: "see `playbooks: {trusted: ...}` in the environment file", Permanent: true}
		}
		out = append(out, keys...)
	}
	return out, nil
}
