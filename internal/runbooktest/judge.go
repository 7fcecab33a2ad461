package runbooktest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// judge holds a run against what a case expects.
type judge struct {
	s        *Suite
	c        *bound
	w        *cast
	r        simulate.Result
	steps    []*engine.Step
	failures []Failure
}

func (j *judge) fail(at runbook.Span, why, format string, args ...any) {
	j.failures = append(j.failures, Failure{At: at, Summary: fmt.Sprintf(format, args...), Why: why})
}

// all returns everything that is not as expected.
func (j *judge) all(path []Stop) []Failure {
	if j.r.Broken != "" {
		j.fail(j.c.Name.Span, "", "the simulation was given up: %s", j.r.Broken)
	}
	j.failures = append(j.failures, j.w.problems...)
	j.failures = append(j.failures, j.w.refusals(j.r.Refused)...)
	e := j.c.Expect
	j.end(e)
	if e.PathAt.Start.Line > 0 {
		if diff, equal := compare(e.Path, path); !equal {
			j.failures = append(j.failures, Failure{At: e.PathAt, Summary: "the run took another path", Diff: diff})
		}
	}
	for _, s := range e.Steps {
		j.step(s)
	}
	j.waits(e)
	j.undone(e)
	for _, n := range e.NotRun {
		for _, st := range j.instances(n.ref) {
			if st.Status != event.Skipped {
				j.fail(n.Step.Span, why(st), "%s had its turn: it is %s", st.Path, st.Status)
				break
			}
		}
	}
	for _, c := range e.Calls {
		if got := j.w.calls[c.Action.Value]; got != c.Times {
			j.fail(c.At, "", "%s was called %s, not %s", c.Action.Value, times(got), times(c.Times))
		}
	}
	for _, pair := range e.Outputs {
		j.value(pair, j.r.State.Outputs(), "the output "+pair.Key.Value)
	}
	if el := e.Elapsed; el != nil && (j.r.Elapsed < el.Least || j.r.Elapsed > el.Most) {
		wanted := el.Least.String()
		switch {
		case el.Most > el.Least && el.Least == 0:
			wanted = "at most " + el.Most.String()
		case el.Most > el.Least && el.Most.Hours() > 1e6:
			wanted = "at least " + el.Least.String()
		case el.Most > el.Least:
			wanted += " to " + el.Most.String()
		}
		j.fail(el.At, "", "the run took %s, not %s", j.r.Elapsed, wanted)
	}
	return j.failures
}

// end looks at how the run ended, and at its last word.
func (j *judge) end(e Expect) {
	got := string(j.r.State.Status())
	if e.End.Given() && got != e.End.Value {
		j.fail(e.End.Span, j.standing(), "the run is %s, not %s", got, e.End.Value)
	}
	if e.Message.Given() && !strings.Contains(j.r.State.Message(), e.Message.Value) {
		j.fail(e.Message.Span, "", "the run's last word is %s, without %s", quote(j.r.State.Message()), quote(e.Message.Value))
	}
}

// standing says what a run stands at, in a few words.
func (j *judge) standing() string {
	var out []string
	for _, q := range simulate.Questions(j.r.State) {
		text := q.Path + " waits for " + waitsFor(q)
		if reason := why(&q.Step); reason != "" {
			text += " (" + reason + ")"
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return j.r.State.Message()
	}
	return strings.Join(out, "; ")
}

func waitsFor(q simulate.Question) string {
	switch q.For {
	case simulate.Approval:
		return "an approval by " + strings.Join(q.Roles, " or ")
	case simulate.Manual:
		return "a person to do it"
	case simulate.Doubt:
		return "somebody to say what happened"
	}
	return "a decision"
}

// instances are the steps that a name means, in order.
func (j *judge) instances(r ref) []*engine.Step {
	var out []*engine.Step
	for _, st := range j.steps {
		if r.fits(st.Path, st.Node) {
			out = append(out, st)
		}
	}
	return out
}

// step looks at what became of a step: every instance that is meant.
func (j *judge) step(s StepExpect) {
	found := j.instances(s.ref)
	if len(found) == 0 {
		if s.Status.Value != string(event.Pending) {
			j.fail(s.At, j.standing(), "%s did not have its turn", s.ref.text)
		}
		return
	}
	before := len(j.failures)
	for _, st := range found {
		if len(j.failures) > before {
			return // one instance is enough
		}
		j.instance(s, st)
	}
}

func (j *judge) instance(s StepExpect, st *engine.Step) {
	if s.Status.Given() && string(st.Status) != s.Status.Value {
		j.fail(s.Status.Span, why(st), "%s is %s, not %s", st.Path, st.Status, s.Status.Value)
	}
	reason := why(st)
	if s.Why.Given() && !strings.Contains(reason, s.Why.Value) {
		j.fail(s.Why.Span, "", "%s says %s, without %s", st.Path, quote(reason), quote(s.Why.Value))
	}
	if s.Asks.Given() && !strings.Contains(st.Text, s.Asks.Value) {
		j.fail(s.Asks.Span, "", "%s asks %s, without %s", st.Path, quote(st.Text), quote(s.Asks.Value))
	}
	if s.Target.Given() && st.Target != s.Target.Value {
		j.fail(s.Target.Span, "", "%s acts on %s, not on %s", st.Path, quote(st.Target), quote(s.Target.Value))
	}
	if s.Attempt != nil && st.Attempt != *s.Attempt {
		j.fail(s.At, reason, "%s was tried %s, not %s", st.Path, times(st.Attempt), times(*s.Attempt))
	}
	with := st.With
	if j.s.Plan.Node(st.Node).Kind == plan.Call {
		with = st.Inputs
	}
	for _, pair := range s.With {
		j.value(pair, with, st.Path+": the input "+pair.Key.Value)
	}
	for _, pair := range s.Outputs {
		j.value(pair, st.Outputs, st.Path+": the output "+pair.Key.Value)
	}
}

// hidden is what stands in an event where a secret was.
const hidden = "[redacted]"

// value compares one of several values by its name.
func (j *judge) value(pair runbook.Pair, got event.Values, what string) {
	v, there := got[pair.Key.Value]
	want := pair.Value.Data()
	switch {
	case !there && want != nil:
		j.fail(pair.Key.Span, "", "%s is not given; expected was %s", what, show(want))
	case !same(want, v):
		why := ""
		if strings.Contains(show(v), hidden) {
			why = "a secret reads as " + hidden + " here, as in the journal"
		}
		j.fail(pair.Value.Span, why, "%s is %s", what, differ(want, v))
	}
}

// waits compares what the run waits for.
func (j *judge) waits(e Expect) {
	if e.WaitsAt.Start.Line == 0 {
		return
	}
	questions := simulate.Questions(j.r.State)
	for _, w := range e.Waits {
		i := slices.IndexFunc(questions, func(q simulate.Question) bool {
			roles := slices.Sorted(slices.Values(q.Roles))
			return w.ref.fits(q.Path, q.Node.ID) && (w.For == "" || w.For == string(q.For)) && (w.Roles == nil || slices.Equal(w.Roles, roles))
		})
		if i < 0 {
			j.fail(w.Step.Span, j.standing(), "the run does not wait for this")
			continue
		}
		questions = slices.Delete(questions, i, i+1)
	}
	for _, q := range questions {
		j.fail(e.WaitsAt, why(&q.Step), "%s waits for %s, which was not expected", q.Path, waitsFor(q))
	}
}

// undone compares the steps that were undone, in the order of being undone.
func (j *judge) undone(e Expect) {
	if e.UndoneAt.Start.Line == 0 {
		return
	}
	var got []Stop
	for _, ev := range j.r.Events {
		if ev.Type() == "step_undone" {
			st, _ := j.r.State.Step(ev.Path)
			got = append(got, Stop{Path: ev.Path, Node: st.Node, Status: event.Undone})
		}
	}
	if diff, equal := compare(e.Undone, got); !equal {
		j.failures = append(j.failures, Failure{At: e.UndoneAt, Summary: "other steps were undone", Why: j.standing(), Diff: diff})
	}
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
