package runbooktest

import (
	"cmp"
	"errors"
	"slices"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// one looks up what a case names, and adds what all cases share.
func (b *binder) one(c *Case) *bound {
	given := &b.s.File.Given
	people := c.People
	if people == nil {
		people = given.People
	}
	b.setup(&c.Setup, people)
	out := &bound{
		Case: c, people: people, by: cmp.Or(c.By.Value, given.By.Value, "tester"), start: defaultStart, values: map[string]string{},
		outcomes: overridden(c.Outcomes, given.Outcomes, func(o Outcomes) of { return o.of }),
		undo:     overridden(c.Undo, given.Undo, func(o Outcomes) of { return o.of }),
		answers:  overridden(c.Answers, given.Answers, func(a Answers) of { return a.of }),
		events:   slices.Concat(c.Events, given.Events),
	}
	for _, at := range []*Setup{given, &c.Setup} {
		if !at.Start.IsZero() {
			out.start = at.Start
		}
	}
	for _, v := range slices.Concat(given.Values, c.Values) {
		out.values[v.Key.Value] = v.Value.Text
	}
	b.inputNames(c.Inputs)
	b.inputs(out, slices.Concat(given.Inputs, c.Inputs))
	b.expect(&c.Expect)
	return out
}

// overridden adds what all cases share to a case's own, which goes before it.
func overridden[T any](own, shared []T, whose func(T) of) []T {
	out := slices.Clone(own)
	for _, o := range shared {
		if !slices.ContainsFunc(out, func(mine T) bool { return whose(mine).same(whose(o)) }) {
			out = append(out, o)
		}
	}
	return out
}

var WrongInput = codes.Error("IR0504", "an input of a test is missing, not known or wrong",
	"A test gives the runbook its inputs, as a person would; a required one must be there. What a step hands on is named by the inputs of its action.")

// inputNames reports inputs that the runbook does not have.
func (b *binder) inputNames(given []runbook.Pair) {
	known := each.Of(b.s.Plan.Inputs, func(f plan.Field) string { return f.Name })
	for _, pair := range given {
		if !slices.Contains(known, pair.Key.Value) {
			b.Report(WrongInput, pair.Key.Span, meant(pair.Key.Value, known), "the runbook has no input %q", pair.Key.Value)
		}
	}
}

// inputs types the inputs of a case. A secret is taken out of them.
func (b *binder) inputs(c *bound, given []runbook.Pair) {
	data, at := map[string]any{}, map[string]runbook.Span{}
	c.secrets = map[string]action.Secret{}
	fields := b.s.Plan.Inputs
	for _, pair := range given {
		name := pair.Key.Value
		i := slices.IndexFunc(fields, func(f plan.Field) bool { return f.Name == name })
		if i < 0 {
			continue // reported where it stands
		}
		if fields[i].Secret {
			c.secrets[name] = action.NewSecret(pair.Value.Text)
		}
		data[name], at[name] = pair.Value.Data(), pair.Value.Span
	}
	values, err := compile.CallInputs(fields, data)
	for name := range c.secrets {
		delete(values, name)
	}
	c.inputs = values
	if c.inputs == nil {
		c.inputs = event.Values{}
	}
	for _, err := range parts(err) {
		var p compile.Problem
		if !errors.As(err, &p) {
			continue
		}
		where, ok := at[p.Input]
		if !ok {
			where = c.Name.Span
		}
		b.Report(WrongInput, where, p.Hint, "the input %s %s", p.Input, p.Message)
	}
}

// parts are the errors that were joined.
func parts(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// expect looks up the steps and actions that are expected to do something.
func (b *binder) expect(e *Expect) {
	for _, list := range [][]PathEntry{e.Path, e.Undone, e.NotRun} {
		for i := range list {
			if !list[i].Gap {
				list[i].ref, _ = b.find(list[i].Step)
			}
		}
	}
	for i := range e.Steps {
		s := &e.Steps[i]
		var ok bool
		if s.ref, ok = b.find(s.Step); ok {
			b.declared(b.s.Plan.Node(s.ref.node), *s)
		}
	}
	for i := range e.Waits {
		e.Waits[i].ref, _ = b.find(e.Waits[i].Step)
	}
	known := b.s.index.actions()
	for _, call := range e.Calls {
		if !slices.Contains(known, call.Action.Value) {
			b.Report(UnknownAction, call.Action.Span, meant(call.Action.Value, known), "the runbook does not use the action %q", call.Action.Value)
		}
	}
	outputs := each.Of(b.s.Plan.Outputs, func(o plan.Assignment) string { return o.Name })
	for _, pair := range e.Outputs {
		if !slices.Contains(outputs, pair.Key.Value) {
			b.Report(UnknownOutput, pair.Key.Span, meant(pair.Key.Value, outputs), "the runbook has no output %q", pair.Key.Value)
		}
	}
}

// declared checks the inputs and outputs that are expected of a step.
func (b *binder) declared(n *plan.Node, s StepExpect) {
	if n.Action == nil && (len(s.With) > 0 || s.Attempt != nil || s.Target.Given()) && n.Kind != plan.Call {
		b.Report(NoEffect, s.At, "only a step with `uses` has a target, inputs and attempts", "the step %q calls no action", n.Path)
		return
	}
	name := func(f plan.Field) string { return f.Name }
	inputs := each.Of(n.CalleeInputs, name)
	if n.Action != nil {
		spec, _ := b.s.deps.Spec(n.Action.Action)
		inputs = append(inputs, each.Of(spec.Inputs, func(f action.Field) string { return f.Name })...)
	}
	outputs := append(each.Of(n.Outputs, name), each.Of(n.Set, func(a plan.Assignment) string { return a.Name })...)
	for _, pair := range s.With {
		if !slices.Contains(inputs, pair.Key.Value) {
			b.Report(WrongInput, pair.Key.Span, meant(pair.Key.Value, inputs), "%s has no input %q", n.Path, pair.Key.Value)
		}
	}
	for _, pair := range s.Outputs {
		if !slices.Contains(outputs, pair.Key.Value) {
			b.Report(UnknownOutput, pair.Key.Span, meant(pair.Key.Value, outputs), "%s has no output %q", n.Path, pair.Key.Value)
		}
	}
}

var UnknownEdge = codes.Error("IR0512", "an excuse names something that coverage does not count",
	"irctl test --coverage names in brackets what it counts of each step: runs, skipped, then, else, zero, one, many, retried, fails, timeout, refused, expired, undone.")

// excuses looks up the edges that cannot be reached.
func (b *binder) excuses() {
	all := b.s.edges()
	for _, e := range b.s.File.Unreachable {
		r, ok := b.find(e.Step)
		if !ok || !e.Edge.Given() {
			continue
		}
		var known []string
		for _, one := range all {
			if one.node == r.node {
				known = append(known, one.name)
			}
		}
		if !slices.Contains(known, e.Edge.Value) {
			b.Report(UnknownEdge, e.Edge.Span, meant(e.Edge.Value, known), "coverage counts no %q of %s", e.Edge.Value, r.text)
			continue
		}
		b.s.excuses[edge{r.node, e.Edge.Value}] = e.Because
	}
}
