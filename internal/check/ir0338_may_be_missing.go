package check

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

var MayBeMissing = codes.Warning("IR0338", "an input that may not be given",
	"The input is not required and has no default, and here it needs a value: without one the step fails in the middle of the run. Give the input a default, make it `required: true`, or ask with `has(inputs.NAME)`.")

var _ = rules.step.add((*reviewer).mayBeMissing)

var inputName = pattern.Late(`\binputs\.([a-z][a-z0-9_]*)`)

// mayBeMissing: conditions, loops, choices, targets and the entries of lists and
// maps need a value. An optional input of an action is left out without one.
func (r *reviewer) mayBeMissing(n *node) {
	if !r.optional() {
		return
	}
	s := n.step
	for _, v := range []*runbook.Value{s.When, s.If, s.While, s.ForEach, s.Switch} {
		r.missing(n, v)
	}
	if s.Wait != nil {
		r.missing(n, s.Wait.Until)
	}
	for _, u := range []*runbook.Use{s.Uses, s.Verify, s.Undo} {
		if u == nil {
			continue
		}
		r.missing(n, u.Target)
		spec, _ := r.deps.Spec(u.Action.Value)
		for _, p := range u.With {
			f, _ := spec.Input(p.Key.Value)
			if v := p.Value; v != nil && (v.Kind == runbook.ListValue || v.Kind == runbook.MapValue || f.Required) {
				r.missing(n, v)
			}
		}
	}
}

// optional reports whether the runbook has inputs that may not be given.
func (r *reviewer) optional() bool {
	for _, in := range r.rb.Inputs {
		if mayLack(in) {
			return true
		}
	}
	return false
}

func mayLack(in *runbook.Input) bool { return in != nil && !in.Required && in.Default == nil }

// missing reports inputs in a value that may not be given, unless the expression
// or a condition around it asks.
func (r *reviewer) missing(n *node, v *runbook.Value) {
	if v == nil {
		return // of most steps most values are not given
	}
	for inner := range v.All() {
		if inner.Kind == runbook.StringValue {
			r.missingIn(n, inner)
		}
	}
}

func (r *reviewer) missingIn(n *node, v *runbook.Value) {
	for _, m := range inputName().FindAllStringSubmatchIndex(v.Text, -1) {
		name := v.Text[m[2]:m[3]]
		if mayLack(r.inputs[name]) && !asks(v.Text, name) && !n.up(func(s *runbook.Step) bool {
			return s.When != nil && s.When != v && asks(s.When.Text, name) || s.If != nil && s.If != v && asks(s.If.Text, name)
		}) {
			r.report(MayBeMissing, v.Place(m[0], m[1]), "`inputs."+name+"` may not be given, and here it needs a value", "give the input a default or `required: true`, or ask with `has(inputs."+name+")`")
		}
	}
}

// asks reports whether an expression asks if an input is given.
func asks(text, name string) bool {
	full := "inputs." + name
	for _, q := range []string{"has(" + full + ")", full + " != null", full + " == null"} {
		if strings.Contains(text, q) {
			return true
		}
	}
	return false
}
