package environment

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Policy is what a machine's administrator demands of every environment that
// is used there. An environment may be stricter and never weaker. The zero
// value, and nil, demand nothing.
type Policy struct {
	File      string
	Approvals []ApprovalRule // in the file's order
	// BreakGlass are the roles that may approve alone in an emergency.
	BreakGlass []string

	loopback, linkLocal *bool // nil is no say
	networks            []netip.Prefix
	signed              bool
	trusted             []TrustedKey
	runbooks            Signing
	environments        Signing
	rules               guard.Rules
	revoked             []string // fingerprints
}

// ApprovalRule is what approvals by some roles must at least be.
type ApprovalRule struct {
	Roles        []string // none is every role
	Need         int      // different persons; 0 is no say
	NotRequester bool     // whoever started the run does not count
}

// PolicyError says that a machine's policy cannot be known. Nobody acts then:
// it may forbid just what is asked for.
type PolicyError struct {
	File  string
	Err   error  // why the file cannot be read; nil if it has errors
	Found string // the first of its errors; "" if it cannot be read
}

// Error implements error.
func (e *PolicyError) Error() string {
	switch {
	case e.Err != nil:
		return "this machine's policy " + e.File + " cannot be read: " + e.Err.Error()
	case e.Found != "":
		return "this machine's policy " + e.File + " has errors: " + e.Found
	}
	return "this machine's policy " + e.File + " has errors"
}

// Unwrap returns why the file cannot be read.
func (e *PolicyError) Unwrap() error { return e.Err }

// Advice says what to do about it.
func (e *PolicyError) Advice() string {
	if e.Err != nil {
		return "have the one who administers this machine make it readable"
	}
	return "irctl validate " + e.File
}

// ReadPolicy reads the policy of a machine from its file; nil if there is none.
// The error is a *PolicyError.
func ReadPolicy(file string) (*Policy, error) {
	source, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the path is named already
		}
		return nil, &PolicyError{File: file, Err: err}
	}
	policy, ds := ParsePolicy(file, source)
	if policy != nil {
		return policy, nil
	}
	wrong := &PolicyError{File: file}
	if len(ds) > 0 {
		wrong.Found = ds[0].Summary
	}
	return nil, wrong
}

// ParsePolicy reads a policy file. Paths in it are relative to its folder. The
// policy is nil if there is an error: nobody may act under half a policy.
func ParsePolicy(file string, src []byte) (*Policy, runbook.Diagnostics) {
	p := &parser{env: &Environment{File: file, Source: src}}
	m := p.File(file, src, "policy", "a policy", policyTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	policy := p.policy(m)
	policy.File = file
	if ds := p.Diagnostics(); ds.HasErrors() {
		return nil, ds
	}
	return policy, p.Diagnostics()
}

func (p *parser) policy(m *language.Mapping) *Policy {
	out := &Policy{}
	allow := m.Fields("allow", "`allow`", allowTable)
	if v, given := allow.Bool("loopback"); given {
		out.loopback = &v
	}
	if v, given := allow.Bool("link_local"); given {
		out.linkLocal = &v
	}
	out.networks = p.networks(allow)
	for _, item := range m.Items("approvals") {
		rule := p.Fields(item, "an entry of `approvals`", approvalRuleTable)
		r := ApprovalRule{Roles: words(rule.Texts("roles"))}
		r.Need = int(rule.Int("need"))
		r.NotRequester, _ = rule.Bool("not_requester")
		out.Approvals = append(out.Approvals, r)
	}
	out.revoked, out.BreakGlass = p.revoked(m), words(m.Texts("break_glass"))
	out.rules = p.rules(m)
	p.playbooks(m.Fields("playbooks", "`playbooks`", policyPlaybooksTable))
	out.signed = p.env.playbooks.Signed
	out.runbooks = p.signing(m, "signed_runbooks", out.revoked)
	out.environments = p.signing(m, "signed_environments", out.revoked)
	for _, k := range p.env.playbooks.Trusted {
		if k.file != "" {
			k.file = absoluteFrom(filepath.Dir(p.env.File), k.file)
		}
		out.trusted = append(out.trusted, k)
	}
	return out
}

func absoluteFrom(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

var NotNetwork = codes.Error("IR0414", "not a network",
	"A network is an address with the length of its prefix, as in 192.0.2.0/24 (RFC 4632 section 3.1).")

// networks reads the networks that may be connected to; none is all of them.
func (p *parser) networks(allow *language.Mapping) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range allow.Texts("networks") {
		prefix, err := netip.ParsePrefix(text.Value)
		if err != nil || prefix != prefix.Masked() {
			p.Report(NotNetwork, text.Span, "write it as in 192.0.2.0/24 or 2001:db8::/32, with zeros behind the prefix", "`%s` is not a network", action.CleanLine(text.Value, 40))
			continue
		}
		out = append(out, prefix)
	}
	return out
}

var WeakerThanPolicy = codes.Error("IR0413", "weaker than the machine's policy",
	"Whoever administers the machine says in irctl/policy.yaml of its configuration folder what environments may allow at most, whose signatures count, and what approvals must be at least. An environment may be stricter.")

// Under is the environment as the policy permits it, and what in the file is
// weaker than the policy, with its place. What the environment it returns
// allows and trusts is the stricter of both, whatever the diagnostics say.
func (e *Environment) Under(policy *Policy) (*Environment, runbook.Diagnostics) {
	if policy == nil {
		return e, nil
	}
	var d language.Decoder
	out := *e
	refuse := func(at runbook.Span, format string, args ...any) {
		d.Report(WeakerThanPolicy, at, "remove it, or ask who administers this machine: see "+policy.File, format, args...)
	}
	out.policy = policy
	out.People = slices.Clone(e.People)
	for i := range out.People {
		out.People[i].Keys = slices.Clone(e.People[i].Keys)
	}
	out.revoke(policy.revoked)
	out.rules.Protected = slices.Concat(policy.rules.Protected, e.rules.Protected)
	out.rules.Limits = slices.Concat(policy.rules.Limits, e.rules.Limits)
	if policy.loopback != nil && !*policy.loopback && e.allow.Loopback {
		out.allow.Loopback = false
		refuse(e.spots["loopback"], "this machine's policy does not allow loopback")
	}
	if policy.linkLocal != nil && !*policy.linkLocal && e.allow.LinkLocal {
		out.allow.LinkLocal = false
		refuse(e.spots["link_local"], "this machine's policy does not allow link-local addresses")
	}
	out.allow.Networks = within(e.allow.Networks, policy.networks, func(n netip.Prefix) {
		refuse(e.spots[n.String()], "this machine's policy does not allow the network %s", n)
	})
	if policy.signed {
		if at, said := e.spots["signed"]; said && !e.playbooks.Signed {
			refuse(at, "this machine's policy demands that playbooks are signed")
		}
		out.playbooks.Signed = true
	}
	if len(policy.trusted) > 0 {
		for _, k := range e.playbooks.Trusted {
			if !slices.ContainsFunc(policy.trusted, func(o TrustedKey) bool { return o.Name == k.Name }) {
				refuse(k.at, "this machine's policy does not trust `%s` to sign playbooks", k.Name)
			}
		}
		out.playbooks.Trusted = slices.Clone(policy.trusted)
	}
	var refused bool
	if out.runbooks, refused = policy.signedUnder(e.runbooks); refused {
		refuse(e.spots["signed_runbooks"], "this machine's policy says who may sign runbooks: those in %s", out.runbooks.Trusted)
	}
	return &out, d.Diagnostics()
}

// within is the networks that are in both lists, of which an empty one is
// everything. Each of mine that leaves the other list is told.
func within(mine, policy []netip.Prefix, outside func(netip.Prefix)) []netip.Prefix {
	switch {
	case len(policy) == 0:
		return mine
	case len(mine) == 0:
		return policy
	}
	var out []netip.Prefix
	for _, n := range mine {
		inside := false
		for _, p := range policy {
			if p.Overlaps(n) {
				smaller := n
				if p.Bits() > n.Bits() {
					smaller = p
				}
				out = append(out, smaller)
				inside = inside || p.Bits() <= n.Bits()
			}
		}
		if !inside {
			outside(n)
		}
	}
	if len(out) == 0 {
		return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 32)} // nothing, where none would be everything
	}
	return out
}

// BreakGlass are the roles that may approve alone in an emergency: none, unless
// the machine's policy permits it.
func (e *Environment) BreakGlass() []string {
	if e == nil || e.policy == nil {
		return nil
	}
	return e.policy.BreakGlass
}

// Approval is what an approval by these roles must be, given what the runbook
// asks for.
func (p *Policy) Approval(roles []string, need int, notRequester bool) (int, bool) {
	if p == nil {
		return need, notRequester
	}
	for _, r := range p.Approvals {
		applies := len(r.Roles) == 0 || slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(r.Roles, role) })
		if applies {
			need, notRequester = max(need, r.Need), notRequester || r.NotRequester
		}
	}
	return need, notRequester
}

// Protections are the settings that protect, as they hold for the environment,
// each with where it comes from. For people.
func (e *Environment) Protections() [][2]string {
	from := func(policy bool) string {
		if policy && e.policy != nil {
			return e.policy.File
		}
		return "the environment"
	}
	p := e.policy
	if p == nil {
		p = &Policy{}
	}
	yes := func(allowed bool) string {
		if allowed {
			return "allowed"
		}
		return "not allowed"
	}
	out := [][2]string{
		{"loopback", fmt.Sprintf("%s, by %s", yes(e.allow.Loopback), from(p.loopback != nil && !*p.loopback))},
		{"link-local", fmt.Sprintf("%s, by %s", yes(e.allow.LinkLocal), from(p.linkLocal != nil && !*p.linkLocal))},
	}
	if len(e.allow.Networks) > 0 {
		names := each.Of(e.allow.Networks, netip.Prefix.String)
		out = append(out, [2]string{"networks", fmt.Sprintf("only %s, by %s", strings.Join(names, ", "), from(len(p.networks) > 0))})
	}
	if e.runbooks.Trusted != "" {
		out = append(out, [2]string{"signed runbooks", "by those in " + e.runbooks.Trusted + ", by " + from(p.runbooks.Trusted != "")})
	}
	if p.environments.Trusted != "" {
		out = append(out, [2]string{"signed environments", "by those in " + p.environments.Trusted + ", by " + from(true)})
	}
	if e.playbooks.Signed {
		out = append(out, [2]string{"signed playbooks", "required, by " + from(p.signed)})
	}
	for _, k := range e.playbooks.Trusted {
		out = append(out, [2]string{"trusted to sign", fmt.Sprintf("%s, by %s", k.Name, from(len(p.trusted) > 0))})
	}
	for _, r := range p.Approvals {
		out = append(out, [2]string{"approvals", r.String() + ", by " + from(true)})
	}
	if len(p.BreakGlass) > 0 {
		out = append(out, [2]string{"break-glass", strings.Join(p.BreakGlass, ", ") + " may approve alone in an emergency, by " + from(true)})
	}
	for _, l := range e.rules.Limits {
		out = append(out, [2]string{"limits", l.String()})
	}
	for _, entry := range e.rules.Protected {
		out = append(out, [2]string{"protected", entry.String()})
	}
	if len(p.revoked) > 0 {
		out = append(out, [2]string{"revoked keys", strings.Join(p.revoked, ", ") + ", by " + from(true)})
	}
	return out
}

// String implements fmt.Stringer.
func (r ApprovalRule) String() string {
	who := "every approval"
	if len(r.Roles) > 0 {
		who = "approvals by " + strings.Join(r.Roles, ", ")
	}
	var asks []string
	if r.Need > 0 {
		asks = append(asks, fmt.Sprintf("%d persons at least", r.Need))
	}
	if r.NotRequester {
		asks = append(asks, "not whoever started the run")
	}
	return who + ": " + strings.Join(asks, ", ")
}

// SignedPlaybooks reports whether the policy demands that playbooks are signed.
func (p *Policy) SignedPlaybooks() bool { return p != nil && p.signed }
