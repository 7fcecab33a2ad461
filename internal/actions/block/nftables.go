package block

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// inNftables blocks by named sets of a machine's packet filter, to which rules of
// its people refer. No timeout is set on what irctl adds: what goes by itself is
// a change that no journal has.
func inNftables(add bool) kind.Kind {
	return listed(action.TargetType{
		Name:    "nftables",
		Summary: "sets of a Linux machine's packet filter (nftables)",
		Example: `gateway:
  type: nftables
  owner: network@example.com
  fallback: Call the network team and have them drop it at the gateway.
  config:
    # In nftables.conf, in the table inet filter:
    #   set blocked { type ipv4_addr; flags interval; }
    #   set blocked6 { type ipv6_addr; flags interval; }
    # and in its chains, before what accepts established connections:
    #   ip saddr @blocked drop; ip daddr @blocked drop; and so on
    table: filter
    set: blocked
    set6: blocked6
    via: {ssh: gw.example.com, sudo: true}
`,
		Tools: []string{"nft"},
	}, add, func(setConfig) []form { return []form{address, network} }, func(req action.Request, c setConfig) (list, error) {
		h, err := host.Open(c.Via, req.Allow)
		return &sets{c, machine{h}}, err
	})
}

type setConfig struct {
	Family, Table, Set, Set6, NetNS string
	Via                             host.Via
}

// Fields implements config.Config.
func (c *setConfig) Fields() config.Fields {
	const name = `[A-Za-z_][A-Za-z0-9_/\\.-]*`
	return config.Fields{
		config.Into(&c.Family, action.Field{Name: "family", Type: action.Enum, Enum: []string{"inet", "ip", "ip6", "bridge", "netdev", "arp"}, Default: "inet", Description: "The family of the table."}),
		config.Into(&c.Table, action.Field{Name: "table", Required: true, Pattern: name, Description: "The table with the sets.", Example: "filter"}),
		config.Into(&c.Set, action.Field{Name: "set", Pattern: name, Description: "The set of IPv4 addresses: of the type ipv4_addr, with the flag interval if it is to hold networks, and without auto-merge.", Example: "blocked"}),
		config.Into(&c.Set6, action.Field{Name: "set6", Pattern: name, Description: "The set of IPv6 addresses, of the type ipv6_addr.", Example: "blocked6"}),
		config.Into(&c.NetNS, action.Field{Name: "netns", Pattern: `[A-Za-z0-9_][A-Za-z0-9_.-]*`, Description: "The network namespace whose filter it is, as ip-netns(8) names it, in the place of the machine's.", Example: "shop"}),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *setConfig) Check() (problems []action.Problem) {
	if c.Set == "" && c.Set6 == "" {
		problems = append(problems, action.Problem{Input: "set", Message: "is missing, and so is set6", Hint: "name the set of IPv4 addresses, that of IPv6 addresses, or both"})
	}
	return problems
}

type sets struct {
	setConfig
	machine
}

// of is the set for a value, and the type that it has to have.
func (s *sets) of(v value) (name, kind string) {
	if p, _ := v.prefix(); p.Addr().Is4() {
		return s.Set, "ipv4_addr"
	}
	return s.Set6, "ipv6_addr"
}

// nft runs nft in the namespace.
func (s *sets) nft(ctx context.Context, input string, args ...string) (string, error) {
	argv := append([]string{"nft"}, args...)
	if s.NetNS != "" {
		argv = append([]string{"nsenter", "--net=/run/netns/" + s.NetNS}, argv...)
	}
	res, err := s.host.Run(ctx, process.Command{Argv: argv, Name: "nft", Stdin: action.NewSecret(input), Max: 32 << 20}, nil)
	if err == nil && res.Cut {
		err = &action.Error{Message: "nft lists more than 32 MiB", Permanent: true}
	}
	return res.Stdout, host.Advise(err, fmt.Sprintf("check with `nft list table %s %s` that the table and the set are there, and that irctl acts as root (`via: {sudo: true}`)", s.Family, s.Table))
}

// element is a part of a set, from its first address to its last.
type element struct {
	netipx.IPRange
	timeout int64 // seconds; 0 is none
	comment string
}

func (e element) String() string {
	if e.From() == e.To() {
		return e.From().String()
	}
	return e.From().String() + " to " + e.To().String()
}

// span is what a value covers.
func span(v value) netipx.IPRange {
	p, _ := v.prefix()
	return netipx.RangeOfPrefix(p)
}

// elementOf reads an element as nft writes it (libnftables-json(5)).
func elementOf(raw any) (e element, err error) {
	unread := errors.New("nft lists an element that is no address")
	switch x := raw.(type) {
	case string:
		addr, err := netip.ParseAddr(x)
		return element{IPRange: netipx.IPRangeFrom(addr, addr)}, err
	case map[string]any:
		if inner, ok := x["elem"].(map[string]any); ok {
			e, err = elementOf(inner["val"])
			seconds, _ := inner["timeout"].(float64)
			e.timeout, e.comment = int64(seconds), action.Values(inner).String("comment")
			return e, err
		}
		if prefix, ok := x["prefix"].(map[string]any); ok {
			addr, err := netip.ParseAddr(action.Values(prefix).String("addr"))
			bits, _ := prefix["len"].(float64)
			p := netip.PrefixFrom(addr, int(bits))
			if err != nil || !p.IsValid() {
				return e, unread
			}
			return element{IPRange: netipx.RangeOfPrefix(p)}, nil
		}
		if ends, ok := x["range"].([]any); ok && len(ends) == 2 {
			first, err := elementOf(ends[0])
			if err != nil {
				return e, err
			}
			end, err := elementOf(ends[1])
			return element{IPRange: netipx.IPRangeFrom(first.From(), end.To())}, err
		}
	}
	return e, unread
}

// held is a set as it is.
type held struct {
	kind     string
	interval bool
	used     bool // a rule refers to it
	elements []element
}

// read is the sets of the target, by their names.
func (s *sets) read(ctx context.Context) (map[string]*held, error) {
	text, err := s.nft(ctx, "", "-j", "list", "table", s.Family, s.Table)
	if err != nil {
		return nil, host.Certain(err)
	}
	var listed struct {
		Nftables []struct {
			Set *struct {
				Name  string
				Type  any
				Flags []string
				Elem  []any
			}
			Rule *struct{ Expr json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(text), &listed); err != nil {
		return nil, &action.Error{Message: "what nft lists cannot be read", Cause: err, Permanent: true}
	}
	out := map[string]*held{}
	for _, n := range listed.Nftables {
		if n.Set == nil || n.Set.Name != s.Set && n.Set.Name != s.Set6 {
			continue
		}
		h := &held{kind: fmt.Sprint(n.Set.Type), interval: slices.Contains(n.Set.Flags, "interval")}
		for _, raw := range n.Set.Elem {
			e, err := elementOf(raw)
			if err != nil {
				return nil, &action.Error{Message: "the set " + n.Set.Name + " cannot be read", Hint: "name a set of the type ipv4_addr or ipv6_addr", Cause: err, Permanent: true}
			}
			h.elements = append(h.elements, e)
		}
		out[n.Set.Name] = h
	}
	for _, n := range listed.Nftables {
		for name, h := range out {
			h.used = h.used || n.Rule != nil && strings.Contains(string(n.Rule.Expr), `"@`+name+`"`)
		}
	}
	return out, nil
}

// fit is the set for a value, or an error that says why there is none.
func (s *sets) fit(all map[string]*held, v value) (*held, error) {
	name, kind := s.of(v)
	h := all[name]
	switch {
	case name == "":
		return nil, &action.Error{Message: fmt.Sprintf("the target has no set for %s, so nothing was changed", v.text), Hint: "name one of the type " + kind + " as set or set6 in the target", Permanent: true}
	case h == nil:
		return nil, &action.Error{Message: fmt.Sprintf("the table %s %s has no set %s, so nothing was changed", s.Family, s.Table, name), Hint: "make it, with a rule that refers to it, or correct the target", Permanent: true}
	case h.kind != kind:
		return nil, &action.Error{Message: fmt.Sprintf("the set %s is of the type %s, and %s needs %s, so nothing was changed", name, action.CleanLine(h.kind, 40), v.text, kind), Hint: "correct set and set6 in the target", Permanent: true}
	case v.form == network && !h.interval:
		return nil, &action.Error{Message: fmt.Sprintf("the set %s holds single addresses only, so nothing was changed: %s is a network", name, v.text), Hint: "give the set `flags interval`", Permanent: true}
	}
	return h, nil
}

// The parts of an entry.
const (
	recordElement = "element"
	recordTimeout = "timeout"
	recordComment = "comment"
	recordWithin  = "within" // the wider element that a value is only a part of
)

func (s *sets) look(ctx context.Context, values []value) (map[value]standing, error) {
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := map[value]standing{}
	for _, v := range values {
		h, err := s.fit(all, v)
		if err != nil {
			return nil, err
		}
		for _, e := range h.elements {
			switch want := span(v); {
			case e.IPRange == want:
				out[v] = standing{entry{recordElement: true, recordTimeout: e.timeout, recordComment: e.comment}, e.timeout == 0}
			case e.Contains(want.From()) && e.Contains(want.To()) && e.timeout == 0:
				out[v] = standing{entry{recordWithin: e.String()}, true}
			}
		}
	}
	return out, nil
}

// counts is an error unless rules refer to the sets of values, and what is added
// can be taken out again.
func (s *sets) counts(ctx context.Context, values []value) (wrong, err error) {
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		name, _ := s.of(v)
		if h := all[name]; h == nil || !h.used {
			return &action.Error{
				Message:   fmt.Sprintf("no rule of the table %s %s refers to @%s, so nothing in it is blocked", s.Family, s.Table, name),
				Hint:      "add a rule such as `ip saddr @" + name + " drop` before what accepts, then retry",
				Permanent: true,
			}, nil
		}
	}
	for _, name := range []string{s.Set, s.Set6} {
		if all[name] == nil {
			continue
		}
		text, err := s.nft(ctx, "", "-t", "list", "set", s.Family, s.Table, name)
		if err != nil {
			return nil, host.Certain(err)
		}
		if strings.Contains(text, "auto-merge") {
			return &action.Error{Message: "the set " + name + " has auto-merge, which makes one of neighbouring addresses, so that they could not be taken out by themselves; nothing was changed", Hint: "make the set without auto-merge", Permanent: true}, nil
		}
	}
	return nil, nil
}

func (s *sets) set(ctx context.Context, to map[value]entry) error {
	all, err := s.read(ctx)
	if err != nil {
		return err
	}
	var deletes, adds []any
	for _, v := range ordered(to) {
		before := to[v]
		name, _ := s.of(v)
		h, err := s.fit(all, v)
		if err != nil {
			return err
		}
		there := false
		for _, e := range h.elements {
			switch want := span(v); {
			case e.IPRange == want:
				there = true
			case e.Overlaps(want):
				return &action.Error{
					Message:   fmt.Sprintf("the set %s holds %s, which overlaps %s, so nothing was changed", name, e, v.text),
					Hint:      "nftables keeps them as one: block.remove what the set holds first, as a whole",
					Permanent: true,
				}
			}
		}
		if there {
			deletes = append(deletes, s.change("delete", name, v, nil))
		}
		if before != nil {
			adds = append(adds, s.change("add", name, v, before))
		}
	}
	text, err := json.Marshal(map[string]any{"nftables": append(deletes, adds...)})
	if err != nil {
		return err
	}
	_, err = s.nft(ctx, string(text), "-j", "-f", "-") // the kernel does all of it or nothing
	return err
}

// change is a command of libnftables-json(5).
func (s *sets) change(verb, set string, v value, as entry) any {
	p, _ := v.prefix()
	var val any = p.Addr().String()
	if v.form == network {
		val = map[string]any{"prefix": map[string]any{"addr": p.Addr().String(), "len": p.Bits()}}
	}
	more := map[string]any{}
	if t := action.Values(as).Int(recordTimeout); t > 0 {
		more["timeout"] = t
	}
	if c := action.Values(as).String(recordComment); c != "" {
		more["comment"] = c
	}
	if len(more) > 0 {
		more["val"] = val
		val = map[string]any{"elem": more}
	}
	return map[string]any{verb: map[string]any{"element": map[string]any{"family": s.Family, "table": s.Table, "name": set, "elem": []any{val}}}}
}

func (s *sets) check(ctx context.Context) []error {
	if problems := s.host.Check(ctx, "nft"); len(problems) > 0 {
		return problems
	}
	var usual []value
	if s.Set != "" {
		usual = append(usual, value{address, "192.0.2.1"})
	}
	if s.Set6 != "" {
		usual = append(usual, value{address, "2001:db8::1"})
	}
	if _, err := s.look(ctx, usual); err != nil {
		return []error{err}
	}
	if err := errors.Join(s.counts(ctx, usual)); err != nil {
		return []error{err}
	}
	return nil
}
