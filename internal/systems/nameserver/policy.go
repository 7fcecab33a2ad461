package nameserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// PolicyConfig is the config of a target that is a response policy zone: one that
// resolvers answer by before all others (draft-vixie-dnsop-dns-rpz, BIND's
// response-policy).
type PolicyConfig struct {
	Config
	Resolver string
}

// Fields implements config.Config.
func (c *PolicyConfig) Fields() config.Fields {
	fields := slices.DeleteFunc(c.Config.Fields(), func(f config.Field) bool {
		return slices.Contains([]string{"servers", "patience", "check_name"}, f.Name)
	})
	return append(fields, config.Into(&c.Patience, action.Field{Name: "patience", Default: 90 * time.Second, Description: "How long the resolver may take to go by a change: BIND takes a policy zone up once a minute, unless min-update-interval says otherwise."}), config.Into(&c.Resolver, action.Field{Name: "resolver", Description: "A resolver that goes by the zone, which must refuse a blocked domain; port 53 without a port. Without it, server.", Example: "192.0.2.53"}))
}

// Check implements config.Checker.
func (c *PolicyConfig) Check() []action.Problem {
	problems := c.Config.Check()
	if c.Resolver != "" {
		if _, err := address(c.Resolver); err != nil {
			problems = append(problems, action.Problem{Input: "resolver", Message: err.Error(), Hint: "write HOST, or HOST:PORT"})
		}
	}
	return problems
}

// Policy is a response policy zone. Close it when the call of the action ends.
type Policy struct {
	*Zone
	resolver string
}

// OpenPolicy is the zone that a request's target names. It does no I/O.
func OpenPolicy(req action.Request, c PolicyConfig) (*Policy, error) {
	z, err := c.zone(req)
	if err != nil {
		return nil, err
	}
	p := &Policy{z, z.Primary}
	if c.Resolver != "" {
		p.resolver, _ = address(c.Resolver)
	}
	return p, nil
}

// OfDomain are the names in the zone by which a domain and all below it are
// refused.
func OfDomain(name string) []string { return []string{name, "*." + name} }

// OfAddresses is the name by which answers that hold an address of a prefix are
// refused.
func OfAddresses(p netip.Prefix) string {
	text, sep := p.Addr().String(), "."
	if p.Addr().Is6() {
		text, sep = strings.Replace(text, "::", ":zz:", 1), ":"
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return string(r) == sep })
	slices.Reverse(parts)
	return fmt.Sprintf("%d.%s.rpz-ip", p.Bits(), strings.Join(parts, "."))
}

// Rule is what the primary has at a name of the zone.
func (p *Policy) Rule(ctx context.Context, name string) (RecordSet, error) {
	return p.At(ctx, RecordSet{Name: dns.CanonicalName(name + "." + p.Origin), Kind: dns.TypeCNAME})
}

// Refuses reports whether a rule has resolvers say that there is nothing, or say
// nothing.
func (s RecordSet) Refuses() bool {
	if len(s.Records) != 1 {
		return false
	}
	c, ok := s.Records[0].(*dns.CNAME)
	return ok && slices.Contains([]string{".", "*.", "rpz-drop."}, c.Target)
}

// policyTTL is how long resolvers may keep a refusal, in seconds.
const policyTTL = 60

// Refusal is the rule that has resolvers say that there is no such name.
func (p *Policy) Refusal(name string) RecordSet {
	owner := dns.CanonicalName(name + "." + p.Origin)
	return newSet(owner, dns.TypeCNAME, []dns.RR{&dns.CNAME{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: policyTTL}, Target: "."}})
}

// Recorded is the rule at a name that [RecordSet.Lines] made of one.
func (p *Policy) Recorded(name string, lines []string) (RecordSet, error) {
	return ReadSet(dns.CanonicalName(name+"."+p.Origin), dns.TypeCNAME, lines)
}

// Exchange puts rules in the place of others, all in one transaction and only if
// the others are still there.
func (p *Policy) Exchange(ctx context.Context, from, to []RecordSet) error {
	m := new(dns.Msg)
	m.SetUpdate(p.Origin)
	for i, was := range from {
		set := []dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: was.Name, Rrtype: was.Kind}}}
		if len(was.Records) == 0 {
			m.RRsetNotUsed(set)
		} else {
			m.Used(copies(was.Records))
			m.RemoveRRset(set)
		}
		m.Insert(copies(to[i].Records))
	}
	err := p.update(ctx, m, "the policy zone "+ShortName(p.Origin))
	if errors.Is(err, ErrChanged) {
		return &action.Error{Message: "somebody changed the policy zone at the same time, so nothing was changed", Hint: "ask who changes it, then retry"}
	}
	return err
}

// Refused is an error unless the resolver says that there is no such name.
func (p *Policy) Refused(ctx context.Context, name string) (wrong, err error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.TypeA)
	r, err := p.exchange(ctx, p.resolver, m, false)
	if err != nil || r.Rcode == dns.RcodeNameError {
		return nil, err
	}
	return &action.Error{
		Message: fmt.Sprintf("%s is in the zone %s, but the resolver %s answers %s for it", action.CleanLine(name, 80), ShortName(p.Origin), p.resolver, dns.RcodeToString[r.Rcode]),
		Hint:    "have the resolver go by the zone (in BIND: response-policy { zone \"" + ShortName(p.Origin) + "\"; }) and get it from the primary, then retry",
	}, nil
}

// Preflight finds what would keep the zone from being changed. Whether the key may
// do so is asked by an update that changes nothing.
func (p *Policy) Preflight(ctx context.Context) []error {
	if problems := p.Serves(ctx, p.Primary, true); len(problems) > 0 {
		return problems
	}
	now, err := p.Rule(ctx, "irctl.example")
	if err == nil {
		err = p.MayUpdate(ctx, now)
	}
	if err != nil && !errors.Is(err, ErrChanged) {
		return []error{err}
	}
	return nil
}

// Host is from where the servers are asked.
func (z *Zone) Host() *host.Host { return z.host }

// ServerName is the name or the address of the primary.
func (z *Zone) ServerName() string {
	name, _, _ := net.SplitHostPort(z.Primary)
	return name
}
