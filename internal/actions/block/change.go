package block

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// entry is how a value stands in a list, as plain data from which the list can
// put it back: nil is not at all, and an empty one is made as irctl makes it.
type entry map[string]any

// standing is how a list has a value.
type standing struct {
	entry  entry
	blocks bool // it counts, as irctl would have made it
}

// list is where a system keeps what it blocks, opened for one call.
type list interface {
	// look finds out how values stand, and changes nothing. That one cannot be
	// blocked there, or taken out, is an error.
	look(ctx context.Context, values []value) (map[value]standing, error)
	// set has values stand as these entries say, harmlessly again, and no other
	// value otherwise than before.
	set(ctx context.Context, to map[value]entry) error
	// counts is an error unless the system goes by what the list holds of values.
	counts(ctx context.Context, values []value) (wrong, err error)
	// check finds what would keep set from working, or from having an effect.
	check(ctx context.Context) []error
	// own is what the list itself is reached by, not to be blocked.
	own() []own
	on() *host.Host
	close()
}

// machine is the parts of a list that most of them have in common: it is reached
// by the machine that it is on, and the system always goes by it.
type machine struct{ host *host.Host }

func (m machine) on() *host.Host                                   { return m.host }
func (m machine) close()                                           { m.host.Close() }
func (machine) own() []own                                         { return nil }
func (machine) counts(context.Context, []value) (wrong, err error) { return nil, nil }

// seer is a list that can be seen from outside: it says which value is not
// blocked there.
type seer interface {
	seen(ctx context.Context, values []value) (wrong, err error)
}

// listed makes a kind of system out of its list. The config of a kind is a C;
// holds are the forms that a target with such a config can hold.
func listed[C any, P config.Config[C]](t action.TargetType, add bool, holds func(conf C) []form, open func(req action.Request, conf C) (list, error)) kind.Kind {
	t.Undo = true
	return kind.Change{
		Type: config.Describe[C, P](t),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			conf, err := config.Read[C, P](req.Target)
			if err != nil {
				return nil, err
			}
			w := &change{add: add, override: req.With.Bool("override")}
			var problems []action.Problem
			if w.values, problems = readAll(req.With.Strings("values")); len(problems) > 0 {
				return nil, mistaken(problems[0])
			}
			if err := fits(w.values, holds(conf), req.Target); err != nil {
				return nil, err
			}
			w.list, err = open(req, conf)
			return w, err
		},
		Inputs: inputs(add, t.Name),
	}
}

// inputs are the mistakes that can be found without a system, but for its type.
func inputs(add bool, targetType string) func(with action.Values) []action.Problem {
	return func(with action.Values) []action.Problem {
		values, problems := readAll(with.Strings("values"))
		for _, v := range values {
			if types := canHold[v.form]; !slices.Contains(types, targetType) {
				problems = append(problems, action.Problem{
					Input:   "values",
					Message: fmt.Sprintf("hold %s, a %s, which no target of type %s can hold", action.CleanLine(v.text, 80), v.form, targetType),
					Hint:    elsewhere(types),
				})
			}
		}
		if len(problems) > 0 || !add || with.Bool("override") {
			return problems
		}
		if err := guard(values, nil); err != nil {
			problems = append(problems, action.Problem{Input: "values", Message: "cannot be meant: " + err.Error(), Hint: "`override: true` blocks it all the same"})
		}
		return problems
	}
}

func mistaken(p action.Problem) error {
	return &action.Error{Message: p.Input + ": " + p.Message, Hint: p.Hint, Permanent: true}
}

// fits is an error for values that a target cannot hold.
func fits(values []value, holds []form, t action.Target) error {
	i := slices.IndexFunc(values, func(v value) bool { return !slices.Contains(holds, v.form) })
	if i < 0 {
		return nil
	}
	words := each.Of(holds, func(f form) string { return string(f) })
	return &action.Error{
		Message:   fmt.Sprintf("the target %s cannot hold %s, a %s, so nothing was changed: it holds %s", t.Name, action.CleanLine(values[i].text, 80), values[i].form, strings.Join(words, ", ")),
		Hint:      elsewhere(canHold[values[i].form]),
		Permanent: true,
	}
}

func elsewhere(types []string) string {
	return "give it to a step of its own, on a target of one of these types: " + strings.Join(types, ", ")
}

// change is one step on one list, and what a look found.
type change struct {
	list
	add, override bool
	values        []value
	now           map[value]standing
}

// Patience implements kind.Patient.
func (c *change) Patience() patience.Limit {
	limit := patience.Limit{For: 10 * time.Second, Every: 200 * time.Millisecond}
	if l, ok := c.list.(interface{ follows() time.Duration }); ok {
		limit.For = l.follows()
	}
	return limit
}

// Close implements kind.Work.
func (c *change) Close() { c.close() }

// due are the values that do not stand as the action wants them.
func (c *change) due() []value {
	return slices.DeleteFunc(slices.Clone(c.values), func(v value) bool { return c.done(c.now[v]) })
}

func (c *change) done(s standing) bool { return s.blocks == c.add && (c.add || s.entry == nil) }

// Look implements kind.Work.
func (c *change) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	if c.now, err = c.look(ctx, c.values); err != nil {
		return s, err
	}
	due := c.due()
	if c.add && !c.override && len(due) > 0 {
		ours, err := ourselves(ctx, c.on())
		if err == nil {
			err = guard(due, append(ours, c.own()...))
		}
		if err != nil {
			return s, err
		}
	}
	if c.add && len(due) > 0 {
		if err := errors.Join(c.counts(ctx, due)); err != nil {
			return s, err
		}
	}
	now, other := "not blocked", "blocked"
	if c.add {
		now, other = other, now
	}
	s.Desired, s.Want = len(due) == 0, fmt.Sprintf("%s: %s", now, some(c.values))
	s.Current = s.Want
	if len(due) > 0 {
		s.Current = fmt.Sprintf("%s: %s", other, some(due))
	}
	if len(c.values) == 0 {
		s.Want, s.Current, s.Already = "nothing was given to be "+now, "nothing is to be done", "no values were given, so nothing was changed"
	}
	changed := due
	if previous := record.Map(recordPrevious); previous != nil {
		changed = slices.DeleteFunc(slices.Clone(c.values), func(v value) bool { _, ours := previous[v.text]; return !ours })
	}
	s.Outputs = map[string]any{"values": texts(c.values), "changed": texts(changed)}
	return s, nil
}

// recordPrevious is what the first attempt records: by value, its entry before.
const recordPrevious = "previous"

// Keep implements kind.Keeper. Values that others blocked, or took out, are not
// in it, so that undoing leaves them.
func (c *change) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	previous := record.Map(recordPrevious)
	kept := map[string]any{}
	maps.Copy(kept, previous)
	for _, v := range c.due() {
		if _, ok := kept[v.text]; !ok {
			kept[v.text] = plain(c.now[v].entry)
		}
	}
	if len(kept) == len(previous) {
		return nil, nil
	}
	return map[string]any{recordPrevious: kept}, nil
}

// plain is an entry for a record: there, none is an empty one.
func plain(e entry) map[string]any {
	if e == nil {
		return map[string]any{}
	}
	return e
}

// Change implements kind.Work.
func (c *change) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	to := map[value]entry{}
	for _, v := range c.due() {
		to[v] = nil
		if c.add {
			to[v] = entry{}
		}
	}
	if len(to) == 0 {
		return nil
	}
	return c.set(ctx, to)
}

// Seen implements kind.Witness.
func (c *change) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	if !c.add || len(c.values) == 0 {
		return nil, nil
	}
	if s, ok := c.list.(seer); ok {
		if wrong, err = s.seen(ctx, c.values); wrong != nil || err != nil {
			return wrong, err
		}
	}
	return c.counts(ctx, c.values)
}

// Check implements kind.Checker.
func (c *change) Check(ctx context.Context) []error { return c.check(ctx) }

// PutBack implements kind.Restorer. What others brought into the state that was
// before, or took over, since is theirs.
func (c *change) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	previous := record.Map(recordPrevious)
	ours := slices.DeleteFunc(slices.Clone(c.values), func(v value) bool { _, ok := previous[v.text]; return !ok })
	now, err := c.look(ctx, ours)
	if err != nil {
		return false, "", err
	}
	to := map[value]entry{}
	for _, v := range ours {
		var before entry
		if e := previous.Map(v.text); len(e) > 0 {
			before = entry(e)
		}
		s := now[v]
		gone := s.entry == nil
		if !c.add {
			gone = s.blocks
		}
		if !gone && fmt.Sprint(s.entry) != fmt.Sprint(before) {
			to[v] = before
		}
	}
	if len(to) == 0 {
		return false, "nothing was to be put back: " + some(ours), nil
	}
	summary = "blocked again: "
	if c.add {
		summary = "not blocked any more: "
	}
	summary += some(ordered(to))
	if err := c.set(ctx, to); err != nil {
		return false, "", err
	}
	now, err = c.look(ctx, ours)
	if err != nil {
		return false, "", action.Doubtful(err)
	}
	for v, before := range to {
		if s := now[v]; (s.entry == nil) != (before == nil) {
			return false, "", &action.Error{
				Message: "the change was made, but " + action.CleanLine(v.text, 80) + " stands as the step left it",
				Hint:    "check whether another program manages the list too, then retry",
			}
		}
	}
	return true, summary, nil
}

// ordered are the values of a change, so that it is told in the same order every
// time.
func ordered(to map[value]entry) []value {
	return slices.SortedFunc(maps.Keys(to), func(a, b value) int { return strings.Compare(a.text, b.text) })
}
