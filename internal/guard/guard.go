// Package guard finds what a use of an action must leave alone: what is
// protected, and what is more than a run may touch.
//
// [Guard.Check] is asked before each attempt that changes something, and before
// each undo, with what the action is really going to be given: it names what
// that touches, and a [Hit] for each entry of the list and each limit that
// stands in the way. Whether a hit is overridden is for the caller to know.
//
// A machine is the same by whatever name or address it is reached, an account
// by whatever domain stands around it. Where nobody can tell, it counts as the
// same: what could not be looked up may be what is protected.
//
// Files, in reading order: guard.go, thing.go (what a use touches), words.go
// (what it is given besides), names.go and account.go (whether two names mean the
// same), lookup.go (addresses), count.go (limits).
package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Rules are what an environment and the policy of the machine say.
type Rules struct {
	Protected []Entry
	Limits    []Limit
}

// Entry is an entry of the list of what is protected.
type Entry struct {
	At    string   // where it stands: "acme.yaml, line 12"
	Why   string   // what it is, for people: "the domain controllers"
	Roles []string // who may let a run touch it; none is nobody
	// Targets are names of targets, Hosts are names, addresses and networks of
	// machines, "*." before a name for all below it, Accounts are accounts.
	Targets, Hosts, Accounts []string

	self bool // the machine of the responder, see [own]
}

// Limit is how many machines or accounts may be touched; 0 is any number.
type Limit struct {
	Of        action.Touch // Machine or Account
	Run, Hour int
	At        string
	Roles     []string // who may let a run go beyond
}

// Use is a use of an action with all that it is given.
type Use struct {
	Spec   action.Spec
	With   action.Values
	Target string
}

// Target is a target as the environment describes it, without secrets.
type Target struct {
	Name, Type string
	Hosts      []string       // the name and the address of a machine of a listing
	Config     map[string]any // for actions about the noun that it was asked for
}

// Hit is a rule that stands in the way of a use.
type Hit struct {
	Item  string   // what a person names to override it: "dc1", "machines"
	Grant string   // what a yes lets the run do: of a list, with this one thing
	Text  string   // what is so, with the place of the rule, for people
	Roles []string // who may let the run do it; none is nobody
	// Anybody says that whoever may answer for the run may let it.
	Anybody bool
	Limit   bool // it is a limit: one yes is for the rest of the run
	// Retry says that it may be otherwise in a while.
	Retry bool

	name string // of the thing
}

// Guard holds uses against rules. Its methods may be called from several
// goroutines. Only Rules must be set.
type Guard struct {
	Rules Rules
	// Target describes a target for actions about a noun.
	Target func(name, noun string) (Target, bool)
	// Lookup finds addresses; nil goes by what is written alone.
	Lookup *Lookup
	// Others are what other runs have touched since a time, and when: the caller
	// holds release until its own intent is durable, so that no two runs go by
	// the same count. Nil is no other runs.
	Others func(since time.Time) (touched map[string]time.Time, release func(), err error)
}

// Check names what a use touches, as the limits count it, and what stands in its way.
// Touched is what the run has touched so far, and when last; now is the time.
// Undo asks about putting back: what a run has touched it may always touch again,
// so that no limit holds a way back open half done; what it has not still counts.
func (g *Guard) Check(ctx context.Context, u Use, touched map[string]time.Time, now time.Time, undo bool) (keys []string, hits []Hit, release func()) {
	release = func() {}
	protected := g.Rules.Protected
	if u.Spec.Has(action.CutsOff) {
		protected = append(slices.Clone(protected), own())
	}
	if len(protected) == 0 && len(g.Rules.Limits) == 0 {
		return nil, nil, release
	}
	things, words := g.things(ctx, u)
	if len(things) == 0 && len(words) == 0 {
		return nil, nil, release
	}
	among := indexOf(words)
	for _, e := range protected {
		if h, ok := g.hit(ctx, e, things, among); ok && !doubted(hits, h) {
			hits = append(hits, h)
		}
	}
	for _, t := range things {
		for _, key := range t.keys {
			if len(g.Rules.Limits) > 0 && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	more := keys
	if undo {
		more = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { _, had := touched[key]; return had })
	}
	if !undo || len(more) > 0 {
		over, done := g.over(more, touched, now)
		hits, release = append(hits, over...), done
	}
	return keys, hits, release
}

// doubted adds to a doubt of the same thing that the same people may answer what
// else it may be: they are asked once.
func doubted(hits []Hit, h Hit) bool {
	i := slices.IndexFunc(hits, func(o Hit) bool {
		return o.Retry && h.Retry && o.name == h.name && o.Anybody == h.Anybody && slices.Equal(o.Roles, h.Roles)
	})
	if i < 0 {
		return false
	}
	hits[i].Text += "; it may be " + h.Item + " as well"
	return true
}

// hit finds the first thing that an entry protects.
func (g *Guard) hit(ctx context.Context, e Entry, things []thing, words *index) (Hit, bool) {
	found := func(item, name string, unsure bool) (Hit, bool) {
		h := Hit{Item: item, Grant: item + ": " + name, Roles: e.Roles, Retry: unsure, name: name}
		h.Text = action.CleanLine(name, 80)
		switch {
		case unsure:
			h.Text += " may be " + item + ", which is protected: its addresses could not be looked up"
		case name == item:
			h.Text += " is protected"
		default:
			h.Text += " is " + item + ", which is protected"
		}
		if e.Why != "" {
			h.Text += ": " + e.Why
		}
		if e.At != "" {
			h.Text += " (" + e.At + ")"
		}
		h.Anybody = e.self || unsure && len(e.Roles) == 0
		return h, true
	}
	for _, t := range things {
		if item, unsure := g.covers(ctx, e, t); item != "" {
			return found(item, t.name, unsure)
		}
	}
	if e.self && slices.ContainsFunc(things, func(t thing) bool { return t.asked }) {
		return Hit{}, false // what is asked by requests to this machine cuts off another one
	}
	for _, item := range e.Hosts {
		if words.machine(ctx, g.Lookup, item) {
			return found(item, item, false)
		}
	}
	for _, item := range e.Accounts {
		if words.account(item) {
			return found(item, item, false)
		}
	}
	return Hit{}, false
}

// covers is the item of an entry by which it protects a thing, "" if it does not.
// It is unsure if nobody could tell.
func (g *Guard) covers(ctx context.Context, e Entry, t thing) (item string, unsure bool) {
	if t.touch == action.Account {
		for _, item := range e.Accounts {
			if sameAccount(item, t.name) || slices.ContainsFunc(apart(t.name), func(part string) bool { return sameAccount(item, part) }) {
				return item, false
			}
		}
		for _, item := range e.Hosts { // DC1$ is the account of a machine
			if short, _, _ := strings.Cut(hostOf(item), "."); short != "" && sameAccount(short+"$", t.name) {
				return item, false
			}
		}
		return "", false
	}
	for _, item := range e.Targets {
		if t.target == "" && !t.direct {
			break
		}
		if t.target == item {
			return item, false
		}
		if other, ok := g.system(ctx, item, t.spec); ok {
			if same, doubt := g.same(ctx, t, other); same || doubt {
				return item, !same
			}
		}
	}
	if e.self && t.apart {
		return "", false
	}
	if t.inService {
		t.hosts, t.unsure = t.listed, false
	}
	if t.touch == action.Address && strings.Contains(t.name, "@") && !strings.Contains(t.name, "://") { // a sender
		for _, item := range e.Accounts { // one without a domain is no sender
			if strings.Contains(item, "@") && sameAccount(item, t.name) {
				return item, false
			}
		}
		return "", false
	}
	known, at := placed(e.Hosts), placed(t.hosts)
	for _, item := range e.Hosts {
		for _, host := range t.hosts {
			if same, doubt := g.Lookup.means(ctx, item, host, t.touch == action.Address, known, at); same || doubt {
				return item, !same
			}
		}
	}
	if t.unsure && len(e.Hosts) > 0 {
		return e.Hosts[0], true
	}
	return "", false
}

// same reports whether two targets are one system under two names.
func (g *Guard) same(ctx context.Context, a, b thing) (same, doubt bool) {
	if a.target != "" && (a.description != "" || b.description != "") {
		return a.description == b.description, false
	}
	if a.inService && a.kind != b.kind {
		return false, false // an entry in a directory that runs on a protected machine
	}
	for _, x := range a.hosts {
		for _, y := range b.hosts {
			is, unsure := g.Lookup.means(ctx, x, y, false, placed(a.hosts), placed(b.hosts))
			same, doubt = same || is, doubt || unsure
		}
	}
	doubt = doubt || a.unsure || b.unsure
	return same, doubt && !same
}

// Open reports whether anybody may override it.
func (h Hit) Open() bool { return len(h.Roles) > 0 || h.Anybody }

// Do says what it takes to do it all the same.
func (h Hit) Do() string {
	switch {
	case len(h.Roles) > 0:
		return "a run refuses it without --touch " + h.Item + " and a yes of " + strings.Join(h.Roles, " or ")
	case h.Anybody:
		return "a run refuses it without --touch " + h.Item + " and a yes"
	}
	return "a run refuses it, and nobody may override that"
}

// Overrides reports whether what a person named is what a hit asks for.
func (h Hit) Overrides(named string, u Use) bool {
	return named == h.Item || !h.Limit && (named == u.Target && named != "" || h.Grant == h.Item+": "+named)
}

// IsHost reports whether a text of a list of hosts can be one.
func IsHost(text string) bool {
	_, network := networkOf(text)
	return network || hostOf(strings.TrimPrefix(text, "*.")) != ""
}

// String is the entry for people.
func (e Entry) String() string {
	out := strings.Join(slices.Concat(e.Targets, e.Hosts, e.Accounts), ", ")
	if e.Why != "" {
		out += ", " + e.Why
	}
	return out + "; " + may(e.Roles) + ", by " + e.At
}

// String is the limit for people.
func (l Limit) String() string {
	var out []string
	if l.Run > 0 {
		out = append(out, fmt.Sprintf("%d %ss a run", l.Run, l.Of))
	}
	if l.Hour > 0 {
		out = append(out, fmt.Sprintf("%d %ss an hour", l.Hour, l.Of))
	}
	return strings.Join(out, ", ") + "; " + may(l.Roles) + ", by " + l.At
}

func may(roles []string) string {
	if len(roles) == 0 {
		return "nobody may override it"
	}
	return strings.Join(roles, " or ") + " may override it"
}

// At says where a rule stands.
func At(file string, line int) string { return fmt.Sprintf("%s, line %d", file, line) }
