package block

import (
	"context"
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/nameserver"
	"github.com/irctl/irctl/pkg/action"
)

// inPolicyZone has resolvers refuse domains, with all below them, and answers that
// hold an address, by a response policy zone.
func inPolicyZone(add bool) kind.Kind {
	return listed(action.TargetType{
		Name:    "rfc2136",
		Service: true,
		Summary: "a response policy zone (RPZ) that BIND or another resolver goes by, by signed dynamic updates",
		Example: `resolvers:
  type: rfc2136
  owner: network@example.com
  fallback: Call the network team and have them block the domain at the resolvers.
  config:
    # In named.conf: response-policy { zone "rpz.example.com"; };
    server: ns1.example.com
    zone: rpz.example.com
    key_name: irctl.example.com
    key_secret: {secret: TSIG_KEY}
    resolver: 192.0.2.53
`,
	}, add, func(nameserver.PolicyConfig) []form { return []form{domain, address, network} }, func(req action.Request, c nameserver.PolicyConfig) (list, error) {
		p, err := nameserver.OpenPolicy(req, c)
		if err != nil {
			return nil, err
		}
		return &policy{p, machine{p.Host()}}, nil
	})
}

type policy struct {
	*nameserver.Policy
	machine
}

func (p *policy) own() []own { return []own{{p.ServerName(), "by which irctl reaches the zone"}} }

// rules are the names in the zone that a value is refused by.
func rules(v value) []string {
	if p, ok := v.prefix(); ok {
		return []string{nameserver.OfAddresses(p)}
	}
	return nameserver.OfDomain(v.text)
}

func (p *policy) look(ctx context.Context, values []value) (map[value]standing, error) {
	out := map[value]standing{}
	for _, v := range values {
		s := standing{blocks: true}
		for _, name := range rules(v) {
			rule, err := p.Rule(ctx, name)
			if err != nil {
				return nil, err
			}
			s.blocks = s.blocks && rule.Refuses()
			if len(rule.Records) > 0 {
				if s.entry == nil {
					s.entry = entry{}
				}
				s.entry[name] = rule.Lines()
			}
		}
		out[v] = s
	}
	return out, nil
}

func (p *policy) set(ctx context.Context, to map[value]entry) error {
	var from, into []nameserver.RecordSet
	for _, v := range ordered(to) {
		for _, name := range rules(v) {
			now, err := p.Rule(ctx, name)
			if err != nil {
				return err
			}
			next := p.Refusal(name)
			if e := to[v]; e == nil || len(e) > 0 {
				if next, err = p.Recorded(name, action.Values(e).Strings(name)); err != nil {
					return err
				}
			}
			from, into = append(from, now), append(into, next)
		}
	}
	return p.Exchange(ctx, from, into)
}

// seen implements seer. An answer that holds an address cannot be had from
// outside.
func (p *policy) seen(ctx context.Context, values []value) (wrong, err error) {
	for _, v := range values {
		if v.form == domain {
			if wrong, err = p.Refused(ctx, v.text); wrong != nil || err != nil {
				return wrong, err
			}
		}
	}
	return nil, nil
}

func (p *policy) follows() time.Duration            { return p.Follow }
func (p *policy) check(ctx context.Context) []error { return p.Preflight(ctx) }
