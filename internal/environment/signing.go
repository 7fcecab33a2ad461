package environment

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/action"
)

// Signing says whether files of a kind must be signed with SSH keys, and by whom.
// The zero value asks for nothing.
type Signing struct {
	Trusted string // absolute path of a file of allowed signers; "" if nothing need be signed
	revoked []string
}

// Signer is who signed a file.
type Signer struct {
	Name string // as the file of allowed signers calls them
	Key  sshsig.Key
}

// SignedRunbooks says whether runbooks must be signed here.
func (e *Environment) SignedRunbooks() Signing { return e.runbooks }

// SignedRunbooks says whether the machine's policy demands that runbooks are
// signed. It may be asked of no policy.
func (p *Policy) SignedRunbooks() Signing {
	if p == nil {
		return Signing{}
	}
	out, _ := p.signedUnder(Signing{})
	return out
}

// TrustsPlaybooks reports whether the machine's policy demands that playbooks are
// signed, and says by whom. It may be asked of no policy.
func (p *Policy) TrustsPlaybooks() bool { return p != nil && p.signed && len(p.trusted) > 0 }

// SignedEnvironments says whether the machine's policy demands that environments are
// signed. It may be asked of no policy.
func (p *Policy) SignedEnvironments() Signing {
	if p == nil {
		return Signing{}
	}
	return p.environments
}

// Vouched returns who signed a text, if one of those who are trusted did and may
// sign runbooks and environments now. The file of those is read at this moment.
func (s Signing) Vouched(source []byte, armored string, at time.Time) (Signer, error) {
	text, err := readFile(s.Trusted, false, maxKey)
	if err != nil {
		return Signer{}, &action.Error{Message: "the file of those who may sign cannot be read", Hint: "see `signed_runbooks` in the environment file, and the machine's policy", Cause: err, Permanent: true}
	}
	allowed, err := sshsig.ParseAllowed(string(text))
	if err != nil {
		return Signer{}, fmt.Errorf("%s: %w", s.Trusted, err)
	}
	key, err := sshsig.Verify(sshsig.Runbook, source, armored)
	if err != nil {
		return Signer{}, err
	}
	if slices.Contains(s.revoked, key.Fingerprint()) {
		return Signer{}, ErrRevoked
	}
	name, err := sshsig.Whose(allowed, key, sshsig.Runbook, at)
	return Signer{name, key}, err
}

// signing reads the name of a file of those who may sign.
func (p *parser) signing(m *language.Mapping, key string, revoked []string) Signing {
	trusted := m.Text(key)
	if !trusted.Given() {
		return Signing{}
	}
	if p.env.spots != nil {
		p.env.spots[key] = trusted.Span
	}
	return Signing{Trusted: absoluteFrom(filepath.Dir(p.env.File), trusted.Value), revoked: revoked}
}

// signedUnder is what an environment asks of runbooks, within what the policy of the
// machine does; refused is the file of those whom it may not trust.
func (p *Policy) signedUnder(mine Signing) (out Signing, refused bool) {
	out = Signing{cmp.Or(p.runbooks.Trusted, mine.Trusted), slices.Concat(mine.revoked, p.revoked)}
	return out, mine.Trusted != "" && mine.Trusted != out.Trusted
}
