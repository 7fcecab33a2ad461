package environment

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/selector"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// hosts are machines that are described once.
type hosts struct {
	target  Target // of each of them; "{host}" and "{name}" stand for what differs
	key     runbook.Text
	hosts   []string // that stand in the file: names, addresses and networks
	file    string
	command []string
	ansible string // inventory
	of      string // the group's name there
}

// Listing is which machines the groups of an environment had when they were
// asked. It is kept with a run: what it began with is what it goes on with.
type Listing map[string][]Machine

// Machine is one of a group.
type Machine struct {
	Name string `json:"name"`
	Host string `json:"host"` // its address, or the name by which it is reached
	at   string // where it is listed, when it is gathered
}

// ListingName begins the name under which a run keeps its listing.
const ListingName = "hosts of "

// maxMachines is how many machines the groups of an environment have at most.
const maxMachines = 10_000

var UnclearGroup = codes.Error("IR0443", "group of machines is not clear",
	"An entry of `hosts` is a `group`, `from` where its machines are known, and the `target` that each of them is: its config says {host} where the machine's address belongs, {name} where its name does. `irctl help groups` shows the ways.")

var hostsTable = language.NewTable(
	language.Key{Name: "group", Required: true, Forms: language.AName(language.StepName), Example: "web",
		Description: "The group's name: its targets are GROUP:MACHINE."},
	language.Key{Name: "from", Required: true, Forms: []language.Form{{Shape: language.ListShape, Of: language.AText()}, {Shape: language.TextShape}, {Shape: language.FieldsShape, Keys: &fromTable}}, Example: "192.0.2.0/28",
		Description: "Its machines: a network, a list of names, addresses and networks, or where they are listed."},
	language.Key{Name: "labels", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{role: front}",
		Description: "What targets('role=front') finds them by, besides `zone`, `type` and `group`."},
	language.Key{Name: "target", Required: true, Forms: language.AMapping(targetTable), Example: "{type: nftables, config: {via: {ssh: '{host}', sudo: true}}}",
		Description: "What each of them is: a target, with {host} where its address belongs."},
)

var fromTable = language.Table{OneOf: []string{"file", "command", "inventory"}}.With(
	language.Key{Name: "file", Forms: language.AText(), Example: "web.txt",
		Description: "A file with a machine on each line, its name and, if it is reached otherwise, its address; a relative path begins at the environment's folder."},
	language.Key{Name: "command", Forms: language.Texts(), Example: "[cmdb, list, --role, web]",
		Description: "A program that prints such lines, with its arguments. It is run when a run begins, and not by validate."},
	language.Key{Name: "inventory", Forms: language.AText(), Example: "inventory.ini",
		Description: "An inventory of Ansible, read by ansible-inventory --list; one that ends in .json is what that has printed."},
	language.Key{Name: "of", Forms: language.AText(), Example: "webservers",
		Description: "The group of the inventory; without it, the one of the same name."},
)

// groups reads the groups of machines.
func (p *parser) groups(m *language.Mapping) {
	items := []*runbook.Value{m.Value("hosts")}
	if items[0] == nil || items[0].Kind != runbook.MapValue {
		items = m.Items("hosts")
	}
	for _, item := range items {
		given := p.Fields(item, "an entry of `hosts`", hostsTable)
		if given == nil {
			continue
		}
		g := hosts{key: given.Name("group", language.StepName)}
		name := g.key.Value
		if slices.ContainsFunc(p.env.groups, func(o hosts) bool { return o.key.Value == name }) {
			p.Report(UnclearGroup, g.key.Span, "give each group a name of its own", "two groups are called `%s`", name)
		}
		if at := given.Value("from"); at != nil && at.Kind == runbook.MapValue {
			from := p.Fields(at, "`from`", fromTable)
			g.file, g.command, g.ansible, g.of = from.Text("file").Value, words(from.Texts("command")), from.Text("inventory").Value, from.Text("of").Value
			if n := len(slices.DeleteFunc([]string{g.file, strings.Join(g.command, ""), g.ansible}, func(s string) bool { return s == "" })); n != 1 {
				p.Report(UnclearGroup, at.Span, "write {file: PATH}, {command: [PROGRAM, ...]} or {inventory: PATH}", "the machines of `%s` are known from one place, and it names %d", name, n)
			}
		} else {
			for _, text := range given.Texts("from") {
				g.hosts = append(g.hosts, text.Value)
				if _, err := expand(text.Value); err != nil {
					p.Report(UnclearGroup, text.Span, "write a name, an address or a network such as 192.0.2.0/28", "the group `%s`: %s", name, err.Error())
				}
			}
		}
		if pair := given.Value("target"); pair != nil {
			before := len(p.env.Targets)
			if p.target(runbook.Pair{Key: g.key, Value: pair}); len(p.env.Targets) == before {
				continue
			}
			g.target, p.env.Targets = p.env.Targets[before], p.env.Targets[:before]
			if text := fmt.Sprint(g.target.Config()); !strings.Contains(text, "{host}") && !strings.Contains(text, "{name}") {
				p.Report(UnclearGroup, pair.Span, "write {host} where the address of each belongs, as in via: {ssh: '{host}'}", "all machines of `%s` would be one and the same", name)
			}
		}
		for key, value := range p.labels(given) {
			g.target.Labels[key] = value
		}
		p.env.groups = append(p.env.groups, g)
	}
}

// taken are the labels that every target has.
var taken = []string{"group", "zone", "type", "name"}

// labels reads what a selector finds a target by.
func (p *parser) labels(m *language.Mapping) map[string]string {
	out := map[string]string{}
	for _, pair := range m.Entries("labels", language.AnyName) {
		key, value := pair.Key.Value, p.Text(pair).Value
		switch {
		case slices.Contains(taken, key):
			p.Report(UnclearGroup, pair.Key.Span, "take another name", "the label `%s` is there already, and means the target's own", key)
		case !selector.Word(key) || !selector.Word(value):
			p.Report(UnclearGroup, pair.Key.Span, "take letters, digits, dots, hyphens and underscores", "the label `%s: %s` cannot be selected", action.CleanLine(key, 40), action.CleanLine(value, 40))
		default:
			out[key] = value
		}
	}
	return out
}

// Grouped reports whether the environment has groups of machines.
func (e *Environment) Grouped() bool { return e != nil && len(e.groups) > 0 }

// Types are those of the targets, and of the machines of groups.
func (e *Environment) Types() []string {
	return each.Of(slices.Concat(e.Targets, each.Of(e.groups, func(g hosts) Target { return g.target })), func(t Target) string { return t.Type })
}

// With is the environment with a target for each machine of a listing.
func (e *Environment) With(list Listing) *Environment {
	out := *e
	out.Targets = slices.Clone(e.Targets)
	for _, g := range e.groups {
		for _, m := range list[g.key.Value] {
			t := g.target
			t.Name, t.group, t.machine = g.key.Value+":"+m.Name, g.key.Value, m
			fill := strings.NewReplacer("{host}", m.Host, "{name}", m.Name)
			t.config = filled(g.target.config, fill)
			t.actions = each.Of(g.target.actions, func(pair runbook.Pair) runbook.Pair {
				return runbook.Pair{Key: pair.Key, Value: filled(pair.Value, fill)}
			})
			out.Targets = append(out.Targets, t)
		}
	}
	out.rules.Protected = each.Of(e.rules.Protected, func(entry guard.Entry) guard.Entry {
		var targets []string
		for _, name := range entry.Targets { // a group is all of its machines
			for _, m := range list[name] {
				targets = append(targets, name+":"+m.Name)
			}
		}
		entry.Targets = slices.Concat(entry.Targets, targets)
		return entry
	})
	out.index = make(map[string]int, len(out.Targets))
	for i, t := range out.Targets {
		out.index[t.Name] = i
	}
	return &out
}

// samples are one target of each group, for whoever holds them against the actions.
func (e *Environment) samples() []Target {
	list := Listing{}
	for _, g := range e.groups {
		list[g.key.Value] = []Machine{{Name: "host", Host: "host.example.com"}}
	}
	return e.With(list).Targets[len(e.Targets):]
}

// filled is a value with what stands for a machine filled in.
func filled(v *runbook.Value, fill *strings.Replacer) *runbook.Value {
	if v == nil {
		return nil
	}
	out := *v
	if v.Kind == runbook.StringValue {
		out.Text = fill.Replace(v.Text)
	}
	out.Items = each.Of(v.Items, func(item *runbook.Value) *runbook.Value { return filled(item, fill) })
	out.Pairs = each.Of(v.Pairs, func(pair runbook.Pair) runbook.Pair {
		return runbook.Pair{Key: pair.Key, Value: filled(pair.Value, fill)}
	})
	return &out
}

// Encode is the listing as it is kept.
func (l Listing) Encode() ([]byte, error) { return json.MarshalIndent(l, "", " ") }

// ReadListing reads what Encode made.
func ReadListing(text []byte) (l Listing, err error) {
	err = json.Unmarshal(text, &l)
	return l, err
}

// expand is what a text of a list of machines names.
func expand(text string) ([]Machine, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil && !isMachine(text):
		return nil, fmt.Errorf("`%s` is no machine", action.CleanLine(text, 60))
	case err != nil:
		return []Machine{{Name: text, Host: text}}, nil
	case prefix != prefix.Masked():
		return nil, fmt.Errorf("`%s` is no network: it has ones behind the prefix", text)
	case prefix.Addr().BitLen()-prefix.Bits() > 13:
		return nil, fmt.Errorf("`%s` has more than %d addresses", text, maxMachines)
	}
	var out []Machine
	for a := prefix.Addr(); a.IsValid() && prefix.Contains(a); a = a.Next() {
		out = append(out, Machine{Name: a.String(), Host: a.String()})
	}
	if prefix.Addr().Is4() && len(out) > 2 { // the network itself, and its broadcast address (RFC 919)
		out = out[1 : len(out)-1]
	}
	return out, nil
}

// isMachine reports whether a text can be a machine's name or address: nothing
// that a command line could take for more.
func isMachine(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return !strings.Contains(text, "%")
	}
	for part := range strings.SplitSeq(text, ".") {
		if !selector.Word(part) || part[0] == '-' {
			return false
		}
	}
	return len(text) <= 253
}

// labelsOf are all that a selector may find a target by.
func (t Target) labelsOf() map[string]string {
	out := map[string]string{"zone": t.Zone, "type": t.Type, "name": t.Name, "group": t.group}
	maps.Copy(out, t.Labels)
	return out
}

// Select are the names of the targets that a selector means, sorted. None is an
// error: a loop over nothing would look like one that is done.
func (e *Environment) Select(text string) ([]string, error) {
	s, err := selector.Parse(text)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, t := range e.Targets {
		labels := t.labelsOf()
		if s.Matches(labels) {
			out = append(out, t.Name)
		}
		for key, value := range labels {
			seen[key+"="+value] = true
		}
	}
	if len(out) > 0 {
		slices.Sort(out)
		return out, nil
	}
	none := &action.Error{Message: fmt.Sprintf("no target of the environment %s is `%s`", e.name, s), Permanent: true, Hint: "give the targets that are meant `labels:`, or correct the selector"}
	for _, t := range s {
		if term := t.Key + "=" + t.Value; !t.Not && !seen[term] {
			if near := suggest.Near(term, slices.Sorted(maps.Keys(seen))); near != "" {
				none.Hint = suggest.Meant(near)
			}
		}
	}
	return nil, none
}
