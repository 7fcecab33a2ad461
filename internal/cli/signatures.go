package cli

import (
	"fmt"

	"github.com/irctl/irctl/internal/cacao/signature"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
)

// signatures says which playbooks lack a good signature by somebody whom the
// environment trusts. These are refusals if the environment asks for
// signatures; else only what is wrong with signatures that are there is said.
// A key that cannot be read is an error: nobody is trusted by mistake.
func (p *playbooks) signatures(env *environment.Environment) (refused, warned []string, err error) {
	if env == nil {
		return nil, nil, nil
	}
	trusted, err := trustedKeys(env)
	if err != nil {
		return nil, nil, err
	}
	for i, pb := range p.all {
		report, err := signature.Verify(pb.Source, trusted, p.a.utc())
		if err != nil {
			refused = append(refused, fmt.Sprintf("%s: %v", p.files[i].Path, err))
			continue
		}
		if _, ok := report.Signed(); ok {
			continue
		}
		if len(report.Signatures) == 0 {
			refused = append(refused, p.files[i].Path+": it is not signed")
		}
		for _, f := range report.Signatures {
			why := fmt.Sprintf("%s: the signature by %q does not count: %s", p.files[i].Path, f.Signee, f.Why)
			refused = append(refused, why)
			if f.Verdict == signature.Invalid {
				warned = append(warned, why)
			}
		}
	}
	if !env.Playbooks().Signed {
		return nil, warned, nil
	}
	return refused, nil, nil
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
