package environment

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var UnclearProtection = codes.Error("IR0440", "what is protected is not clear",
	"An entry of `protected` names targets, hosts or accounts that no run touches: a target by its name, a host by its name, address or network, an account by its name. `roles` says who may let a run touch them all the same; without it, nobody.")

var UnclearLimits = codes.Error("IR0441", "limits are not clear",
	"`limits` says how many machines or accounts are touched at most by one run (`run`) and by all runs of an hour (`hour`). `roles` says who may let a run go beyond; without it, nobody.")

// limitsKey and protectedKey are the same in an environment and in a policy.
var limitsKey = language.Key{Name: "limits", Forms: language.AMapping(limitsTable), Example: "{machines: {run: 20, hour: 50}, accounts: {run: 10}, roles: [commander]}",
	Description: "How many machines and accounts are touched at most by one run and by all runs of an hour. `irctl help limits` says what counts."}

var protectedKey = language.Key{Name: "protected", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(protectedTable)}}, Example: "[{hosts: [dc1.example.com, 192.0.2.5], why: the domain controller, roles: [commander]}]",
	Description: "What no run touches unless somebody overrides that and others agree. `irctl help limits` says how that is found out."}

var limitsTable = language.Table{AnyOf: []string{"machines", "accounts"}}.With(
	language.Key{Name: "machines", Forms: language.AMapping(limitTable), Example: "{run: 20, hour: 50}",
		Description: "How many machines."},
	language.Key{Name: "accounts", Forms: language.AMapping(limitTable), Example: "{run: 10}",
		Description: "How many accounts."},
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]",
		Description: "Who may let a run go beyond, if somebody asks for it with --touch machines or --touch accounts; without it, nobody."},
)

var limitTable = language.Table{AnyOf: []string{"run", "hour"}}.With(
	language.Key{Name: "run", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1_000_000}}, Example: "20",
		Description: "In one run, the runbooks that it runs included."},
	language.Key{Name: "hour", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1_000_000}}, Example: "50",
		Description: "In the last hour, by all runs of the home together."},
)

var protectedTable = language.Table{AnyOf: []string{"targets", "hosts", "accounts"}}.With(
	language.Key{Name: "targets", Forms: language.Texts(), Example: "[dc1]",
		Description: "Targets of the environment, and all that are the same system under another name."},
	language.Key{Name: "hosts", Forms: language.Texts(), Example: "[dc1.example.com, '*.pki.example.com', 192.0.2.0/28]",
		Description: "Machines, by name, address or network; `*.` before a name is all below it."},
	language.Key{Name: "accounts", Forms: language.Texts(), Example: "[breakglass, admin@example.com]",
		Description: "Accounts, in whatever form they are written elsewhere."},
	language.Key{Name: "why", Forms: language.AText(), Example: "the domain controllers",
		Description: "What they are, for whoever meets it."},
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]",
		Description: "Who may let a run touch them, if somebody asks for it with --touch; without it, nobody."},
)

// rules reads what is protected and limited.
func (p *parser) rules(m *language.Mapping) guard.Rules {
	var out guard.Rules
	at := func(s runbook.Span) string { return guard.At(filepath.Base(p.env.File), s.Start.Line) }
	limits := m.Fields("limits", "`limits`", limitsTable)
	if limits != nil {
		p.protects = append(p.protects, limits)
	}
	for _, of := range []action.Touch{action.Machine, action.Account} {
		name := string(of) + "s"
		given := limits.Fields(name, "`"+name+"`", limitTable)
		if given == nil {
			continue
		}
		l := guard.Limit{Of: of, Run: int(given.Int("run")), Hour: int(given.Int("hour")), At: at(limits.Key(name).Span), Roles: words(limits.Texts("roles"))}
		if l.Run > 0 && l.Hour > 0 && l.Hour < l.Run {
			p.Report(UnclearLimits, given.Key("run").Span, "make `run` at most as large as `hour`", "a run may touch %d %s, and all of an hour only %d", l.Run, name, l.Hour)
		}
		out.Limits = append(out.Limits, l)
	}
	for _, item := range m.Items("protected") {
		given := p.Fields(item, "an entry of `protected`", protectedTable)
		if given == nil {
			continue
		}
		for _, host := range given.Texts("hosts") {
			if prefix, err := netip.ParsePrefix(host.Value); strings.Contains(host.Value, "/") && (err != nil || prefix != prefix.Masked()) || !guard.IsHost(host.Value) {
				p.Report(UnclearProtection, host.Span, "write a name, an address or a network, as in dc1.example.com, 192.0.2.5 or 192.0.2.0/28", "`%s` is no host", action.CleanLine(host.Value, 60))
			}
		}
		out.Protected = append(out.Protected, guard.Entry{
			Targets: words(given.Texts("targets")), Hosts: words(given.Texts("hosts")), Accounts: words(given.Texts("accounts")),
			Why: action.CleanLine(given.Text("why").Value, 200), Roles: words(given.Texts("roles")), At: at(item.Span),
		})
		p.protects = append(p.protects, given)
	}
	return out
}

// protectedNames holds the names in an environment's list against the file: a
// name that is misspelt protects nothing.
func (p *parser) protectedNames() {
	for _, m := range p.protects {
		for _, t := range m.Texts("targets") {
			group, _, _ := strings.Cut(t.Value, ":")
			known := slices.ContainsFunc(p.env.groups, func(g hosts) bool { return g.key.Value == group })
			if names := p.env.TargetNames(); !known && !slices.Contains(names, t.Value) {
				p.Report(UnclearProtection, t.Span, suggest.DidYouMean(t.Value, names), "the environment has no target `%s` to protect", action.CleanLine(t.Value, 60))
			}
		}
		for _, r := range m.Texts("roles") {
			if len(p.env.People) > 0 && len(p.env.PeopleWith(r.Value)) == 0 {
				p.Report(UnclearProtection, r.Span, "give the role to somebody below `people:`, or leave it out: then nobody may", "nobody is `%s`, who may override it", action.CleanLine(r.Value, 60))
			}
		}
	}
}

// Rules are what no run touches and how much a run may touch: those of the
// policy that the environment is under, and its own.
func (e *Environment) Rules() guard.Rules { return e.rules }

// Rules are what the policy says of every environment, and of runs without one.
func (p *Policy) Rules() guard.Rules {
	if p == nil {
		return guard.Rules{}
	}
	return p.rules
}

// Guarded describes a target for actions about a noun, without secrets.
func (e *Environment) Guarded(name, noun string) (guard.Target, bool) {
	t, ok := e.Target(name)
	if !ok {
		return guard.Target{}, false
	}
	given, _ := data(t.configFor(noun), func(string) (action.Secret, error) { return action.Secret{}, nil })
	config, _ := given.(map[string]any)
	out := guard.Target{Name: t.Name, Type: t.Type, Config: config}
	if t.group != "" {
		out.Hosts = []string{t.machine.Name, t.machine.Host}
	}
	return out, true
}
