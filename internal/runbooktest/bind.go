package runbooktest

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// Deps is what is known about actions.
type Deps struct {
	Spec             func(name string) (action.Spec, bool)
	Inspects, Undoes func(name string) bool
}

// Suite is a test file together with the plan of its runbook. It does not
// change once it is made, so its methods may be called from several goroutines.
type Suite struct {
	File *File
	Plan *plan.Plan

	deps    Deps
	index   *index
	eval    *expr.Evaluator
	cases   []*bound
	excuses map[edge]runbook.Text // because
}

// bound is a case with what all cases share, its values typed.
type bound struct {
	*Case
	inputs   event.Values
	secrets  map[string]action.Secret
	values   map[string]string
	start    time.Time
	by       string
	people   []Person
	outcomes []Outcomes
	undo     []Outcomes
	answers  []Answers
	events   []Event
}

// of is whom outcomes or answers belong to: a step, an action, or all.
type of struct {
	ref    *ref
	action string
	all    bool
}

// same reports whether both stand for the same.
func (o of) same(other of) bool {
	if o.ref == nil || other.ref == nil {
		return o.ref == other.ref && o.action == other.action && o.all == other.all
	}
	return o.ref.node == other.ref.node && o.ref.instance == other.ref.instance
}

// defaultStart is what the clock shows at first if a test does not say.
var defaultStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Bind looks up what a test file names in the plan of its runbook, and notes it
// in the file. The suite can be run only if none of the findings is an error.
func Bind(f *File, p *plan.Plan, deps Deps) (*Suite, runbook.Diagnostics) {
	b := &binder{s: &Suite{File: f, Plan: p, deps: deps, index: newIndex(p), eval: expr.NewEvaluator(), excuses: map[edge]runbook.Text{}}}
	b.env = compile.EnvNames(p)
	b.inputNames(f.Given.Inputs)
	b.setup(&f.Given, f.Given.People)
	b.s.cases = each.Of(f.Cases, b.one)
	b.excuses()
	return b.s, b.Diagnostics()
}

type binder struct {
	language.Decoder
	s   *Suite
	env []string // values of the environment that the runbook asks for
}

var UnknownValue = codes.Error("IR0505", "a test gives a value that the runbook does not read",
	"Values are what the runbook reads as env.NAME. One that it does not read has no effect.")

// setup looks up the names in a setup. people are those who hold roles in it.
func (b *binder) setup(s *Setup, people []Person) {
	for _, v := range s.Values {
		if !slices.Contains(b.env, v.Key.Value) {
			b.Report(UnknownValue, v.Key.Span, meant(v.Key.Value, b.env), "the runbook asks for no value %q of the environment", v.Key.Value)
		}
	}
	b.outcomes(s.Outcomes, false)
	b.outcomes(s.Undo, true)
	b.answers(s.Answers, people)
	for i := range s.Events {
		e := &s.Events[i]
		b.person(e.Who, people)
		r, found := b.find(e.To)
		if back, rolls := e.Body.(event.RollbackStarted); rolls && found {
			back.To = cmp.Or(r.instance, b.s.Plan.Node(r.node).Path)
			e.Body = back
		}
	}
	b.person(s.By, people)
}

// find returns the step that a text means.
func (b *binder) find(t runbook.Text) (ref, bool) { return b.s.index.find(&b.Decoder, t) }

var UnknownPerson = codes.Error("IR0506", "a test names a person whom it does not know",
	"Once a test says who holds which roles, below people, everybody who acts must be named there.")

// person reports a name that nobody has.
func (b *binder) person(t runbook.Text, people []Person) {
	if !t.Given() || len(people) == 0 || slices.ContainsFunc(people, func(p Person) bool { return p.Name.Value == t.Value }) {
		return
	}
	names := each.Of(people, func(p Person) string { return p.Name.Value })
	b.Report(UnknownPerson, t.Span, meant(t.Value, names), "nobody below `people:` is called %q", t.Value)
}

var NoEffect = codes.Error("IR0508", "an outcome or an answer that can have no effect",
	"Only a step with uses has attempts, and only a step that asks gets an answer: an approval, a manual step or a fallback, a failed step, an unknown outcome.")

// outcomes looks up the steps and actions that outcomes belong to.
func (b *binder) outcomes(list []Outcomes, undo bool) {
	for i := range list {
		o := &list[i]
		var ok bool
		switch o.of, ok = b.ofOutcome(o.Of); {
		case !ok:
		case o.of.ref != nil && b.s.Plan.Node(o.of.ref.node).Tries() == nil:
			b.Report(NoEffect, o.Of.Span, "only a step with `uses` has attempts; what people do stands below `answers:`", "the step %q has no attempts", o.Of.Value)
		case !undo:
			b.outputs(o.of, o.List)
		}
	}
}

var UnknownAction = codes.Error("IR0503", "a test names an action that no step uses",
	"Outcomes and calls of such an action would never count. Check the spelling, or remove the line.")

func (b *binder) ofOutcome(t runbook.Text) (of, bool) {
	actions := b.s.index.actions()
	switch {
	case t.Value == "*":
		return of{all: true}, true
	case slices.Contains(actions, t.Value):
		return of{action: t.Value}, true
	}
	if _, known := b.s.deps.Spec(t.Value); known {
		b.Report(UnknownAction, t.Span, meant(t.Value, actions), "the runbook does not use the action %q", t.Value)
		return of{}, false
	}
	r, ok := b.find(t)
	return of{ref: &r}, ok
}

var UnknownOutput = codes.Error("IR0511", "a test names an unknown output, or gives a wrong value",
	"Outputs are those that the action, the step or the runbook declares; irctl action show lists an action's.")

// outputs checks stated outputs by what the action declares.
func (b *binder) outputs(target of, list []Outcome) {
	name := target.action
	if target.ref != nil {
		name = b.s.Plan.Node(target.ref.node).Tries().Action
	}
	spec, ok := b.s.deps.Spec(name)
	if !ok {
		return
	}
	known := each.Of(spec.Outputs, func(f action.Field) string { return f.Name })
	for _, o := range list {
		for _, pair := range o.Stated {
			f, ok := spec.Output(pair.Key.Value)
			if !ok {
				b.Report(UnknownOutput, pair.Key.Span, meant(pair.Key.Value, known), "%s has no output %q", name, pair.Key.Value)
				continue
			}
			if _, problem := coerce.One(f, pair.Value.Data()); problem != nil && f.Type != action.Any && pair.Value.Kind != runbook.Null {
				b.Report(UnknownOutput, pair.Value.Span, problem.Hint, "the output %s of %s %s", f.Name, name, problem.Message)
			}
		}
	}
}

// answers looks up the steps that ask.
func (b *binder) answers(list []Answers, people []Person) {
	for i := range list {
		a := &list[i]
		if a.of.all = a.Of.Value == "*"; !a.of.all {
			r, ok := b.find(a.Of)
			if !ok {
				continue
			}
			a.of.ref = &r
		}
		for _, one := range a.List {
			b.person(one.By, people)
			if a.of.ref != nil {
				b.canAsk(b.s.Plan.Node(a.of.ref.node), one)
			}
		}
	}
}

// canAsk reports an answer to what a step never asks.
func (b *binder) canAsk(n *plan.Node, a Answer) {
	says := a.Says.Value
	var why string
	switch {
	case (says == "approve" || says == "reject") && n.Approval == nil:
		why = "the step asks nobody for an approval"
	case says == "done" && n.Kind != plan.Manual && !n.Fallback.Given:
		why = "no person carries out this step"
	case says == "resolve" && n.Kind != plan.Action:
		why = "the outcome of this step is never unknown"
	case says == "skip" && n.Kind == plan.Approve:
		why = "an approval cannot be skipped"
	default:
		return
	}
	b.Report(NoEffect, a.Says.Span, "remove the answer, or name the step that asks", "`%s` cannot be said to %s: %s", says, n.Path, why)
}
