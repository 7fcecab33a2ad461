package check

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// step applies every rule to one step; its blocks follow later.
func (c *checker) step(n *node) {
	s, at := n.step, scope{c: c, at: n}
	c.condition(s.When, at)
	c.duration(s.Timeout, at, "timeout")
	c.duration(s.Delay, at, "delay")
	c.retry(n)
	c.approval(s.Approval, at)
	c.jumps(n)
	c.text(s.Fallback, scope{c: c, at: n, self: true})
	if strings.Contains(s.Title.Value, "${{") {
		c.text(&runbook.Value{Kind: runbook.StringValue, Text: s.Title.Value, Span: s.Title.Span}, scope{c: c, at: n})
	}
	c.kind(n, at)
}

// kind applies the rules of the step's own kind.
func (c *checker) kind(n *node, at scope) {
	s := n.step
	switch s.Kind {
	case runbook.KindUses:
		c.uses(n, at)
	case runbook.KindManual:
		c.manual(s, at)
	case runbook.KindApprove:
		if s.Approve != nil {
			c.text(s.Approve.Text, at)
			c.approval(s.Approve, at)
		}
	case runbook.KindWait:
		at.awaits = true
		c.wait(n, at)
	case runbook.KindSet:
		c.set(n, at)
	case runbook.KindRun:
		c.run(s, at)
	case runbook.KindIf:
		c.condition(s.If, at)
	case runbook.KindSwitch:
		c.switches(s, at)
	case runbook.KindWhile:
		at.awaits = true
		c.condition(s.While, at)
	case runbook.KindForEach:
		c.forEach(n, at)
	case runbook.KindStop:
		if s.Stop != nil {
			c.text(s.Stop.Message, at)
		}
	}
}

var SecretShown = codes.Error("IR0223", "a secret would be shown or kept",
	"Process lists, journals and messages are read by many. Hand it only to inputs that take secrets, such as env, stdin or headers.")

func (c *checker) manual(s *runbook.Step, at scope) {
	c.text(s.Manual, at)
	for _, in := range append(slices.Clone(s.Outputs), s.Evidence...) {
		if in.Secret {
			c.report(SecretShown, in.Span, "an answer cannot be secret: it is written to the journal", "have the person store it, and answer where it is")
		}
	}
	for _, in := range s.Outputs {
		c.declaration(in)
	}
}

func (c *checker) set(n *node, at scope) {
	for _, p := range n.step.Set {
		if p.Value == nil {
			continue
		}
		c.vars[p.Key.Value].is(c.kept(p.Value, at))
	}
}

var BadSubject = codes.Error("IR0218", "a loop or choice has the wrong subject",
	"foreach goes through a list or a map; switch compares a single value. Give a list, a map, or a single value.")

var BadCase = codes.Error("IR0228", "a case of a switch can never apply",
	"An empty text cannot be told from no value, and an input of fixed values is never anything else: a misspelt case would pass its steps over in silence. Correct the case, or write default for everything else.")

func (c *checker) switches(s *runbook.Step, at scope) {
	if s.Switch != nil {
		t := c.anything(s.Switch, at, "")
		if t.Of == action.List || t.Of == action.Map {
			c.report(BadSubject, s.Switch.Span, "a switch compares a single value, but this is "+t.String(), "take one element of it")
		}
	}
	for _, one := range s.Cases {
		if one.Match.Value == "" {
			c.report(BadCase, one.Match.Span, "a case cannot be empty", "write `default` for everything else")
		}
	}
	c.possible(s)
}

// possible finds cases that an input of fixed values can never take: most
// likely a misspelling that would pass containment over.
func (c *checker) possible(s *runbook.Step) {
	in := c.chosenBy(s)
	if in == nil {
		return
	}
	name := in.Name.Value
	known := c.choicesOf(in)
	for _, one := range s.Cases {
		if c.full() {
			c.more = true
			return
		}
		if one.Match.Value == "" || known.has[one.Match.Value] {
			continue
		}
		c.report(BadCase, one.Match.Span, "`inputs."+name+"` is never `"+one.Match.Value+"`", meant(one.Match.Value, known.values, "it can be "+list(known.values)))
	}
}

// chosenBy is the input of fixed values by which a switch chooses, nil for none.
func (c *checker) chosenBy(s *runbook.Step) *runbook.Input {
	if s.Switch == nil {
		return nil
	}
	text, _, problem := expr.Bare(s.Switch.Text)
	name, isInput := strings.CutPrefix(strings.TrimSpace(text), "inputs.")
	in := c.inputs[name]
	if problem != nil || !isInput || in == nil || len(in.Enum) == 0 {
		return nil
	}
	return in
}

// choices are the values of an enum.
type choices struct {
	values []string
	has    map[string]bool
}

func (c *checker) choicesOf(in *runbook.Input) choices {
	known, ok := c.choices[in]
	if !ok {
		known.has = make(map[string]bool, len(in.Enum))
		for _, v := range in.Enum {
			known.values = append(known.values, v.Value)
			known.has[v.Value] = true
		}
		c.choices[in] = known
	}
	return known
}

var NameTaken = codes.Error("IR0227", "the name of a loop's variable is taken",
	"It would hide something else in expressions. Take another name.")

func (c *checker) forEach(n *node, at scope) {
	s := n.step
	if s.ForEach != nil {
		t := c.anything(s.ForEach, at, "a loop cannot go through a secret: its items are written to the journal")
		if t.Of != action.List && t.Of != action.Map && t.Of != action.Any {
			c.report(BadSubject, s.ForEach.Span, "a loop goes through a list or a map, but this is "+t.String(), "put it in brackets, or loop over a list")
		}
		c.items(n, t)
	}
	if s.As.Given() {
		if expr.Reserved(s.As.Value) {
			c.report(NameTaken, s.As.Span, "`"+s.As.Value+"` means something else in expressions", "take another name, for example `item`")
		}
		for at := n.parent(); at != nil; at = at.parent() {
			if at.step.Kind == runbook.KindForEach && LoopVariable(at.step) == s.As.Value {
				c.report(NameTaken, s.As.Span, "a loop around this one uses the name `"+s.As.Value+"` already", "take another name")
			}
		}
	}
}

// items notes what the items of a loop are, as outputs of a nameless kind.
func (c *checker) items(n *node, subject expr.Type) {
	t := expr.Any
	if subject.Items != "" {
		t = expr.Type{Of: subject.Items}
	}
	n.item = t
}

func (c *checker) itemType(n *node) expr.Type {
	if n.item.Of == "" {
		return expr.Any
	}
	return n.item
}
