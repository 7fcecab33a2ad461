package runbooktest

import (
	"cmp"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// setup reads how the world is.
func (p *parser) setup(m *language.Mapping) Setup {
	s := Setup{
		Inputs: m.Entries("inputs", language.VariableName), Values: m.Entries("values", language.VariableName),
		By: m.Text("by"), Start: m.Time("start"),
	}
	for _, pair := range s.Values {
		p.Text(pair)
	}
	s.People = each.Of(m.Entries("people", language.StepName), func(pair runbook.Pair) Person { return Person{pair.Key, p.textsOf(pair.Value, "a role")} })
	s.Outcomes, s.Undo = p.outcomes(m, "outcomes"), p.outcomes(m, "undo")
	for _, pair := range m.Entries("answers", language.AnyName) {
		a := Answers{Of: pair.Key}
		for _, v := range several(pair.Value) {
			if one := p.Fields(v, "an answer", answerTable); one != nil {
				a.List = append(a.List, p.answer(one))
			}
		}
		s.Answers = append(s.Answers, a)
	}
	for _, item := range m.Items("events") {
		if e := p.Fields(item, "an event", eventTable); e != nil {
			s.Events = append(s.Events, p.event(e))
		}
	}
	return s
}

// several are the elements of a list; another value is the only one.
func several(v *runbook.Value) []*runbook.Value {
	if v != nil && v.Kind == runbook.ListValue {
		return v.Items
	}
	return []*runbook.Value{v}
}

func (p *parser) outcomes(m *language.Mapping, key string) []Outcomes {
	var out []Outcomes
	for _, pair := range m.Entries(key, language.AnyName) {
		o := Outcomes{Of: pair.Key}
		for _, v := range several(pair.Value) {
			if one := p.Fields(v, "an outcome", outcomeTable); one != nil {
				o.List = append(o.List, p.outcome(one))
			}
		}
		out = append(out, o)
	}
	return out
}

// outcomeKinds are the words for how an attempt ends.
var outcomeKinds = map[string]simulate.Kind{
	"": simulate.Succeeds, "succeed": simulate.Succeeds, "fail": simulate.Fails, "timeout": simulate.TimesOut,
	"unknown": simulate.Doubtful, "dies": simulate.Dies,
}

func (p *parser) outcome(m *language.Mapping) Outcome {
	kind := outcomeKinds[p.oneOf(m, "an outcome", false, "succeed", "fail", "timeout", "unknown", "dies").Value]
	stated := m.Entries("succeed", language.VariableName)
	o := Outcome{Stated: stated, Attempt: int(m.Int("attempt")), Target: m.Text("target"), With: m.Entries("with", language.VariableName), Outcome: simulate.Outcome{
		Kind: kind, Takes: p.wait(m, "takes"), Outputs: dataOf(stated), Summary: m.Text("summary").Value,
		Message: cmp.Or(m.Text("fail").Value, m.Text("unknown").Value), Hint: m.Text("hint").Value, Disagrees: m.Text("verify_shows").Value,
	}}
	for _, key := range []string{"timeout", "dies"} {
		if yes, given := m.Bool(key); given && !yes {
			p.Report(language.Senseless, m.Key(key).Span, "remove the line", "`%s: false` says nothing", key)
		}
	}
	o.Permanent, _ = m.Bool("permanent")
	if changed, given := m.Bool("changed"); given {
		o.Changed, o.Unchanged = changed, !changed
	}
	switch finds := p.word(m.Text("finds"), findings); {
	case finds == "done":
		o.Finds = simulate.Done
	case finds == "not-done", kind == simulate.Succeeds, kind == simulate.TimesOut: // what took too long had not come far
		o.Finds = simulate.NotDone
	default:
		o.Finds = simulate.CannotTell
	}
	if m.Has("finds") && (kind == simulate.Succeeds || kind == simulate.Fails) {
		p.Report(language.Senseless, m.Key("finds").Span, "irctl looks at a target only after `unknown`, `timeout` or `dies`", "`finds` has no effect here")
	}
	return o
}

func (p *parser) answer(m *language.Mapping) Answer {
	says := p.oneOf(m, "an answer", true, answerTable.OneOf...)
	a := Answer{
		Span: m.Span(), Says: says, Outputs: m.Entries("done", language.VariableName),
		By: m.Text("by"), Role: m.Text("role"), Comment: m.Text("comment").Value, After: p.wait(m, "after"),
	}
	switch says.Value {
	case "", "done":
	case "approve", "reject":
		a.Text = m.Text(says.Value)
		a.By = a.Text
		if m.Has("by") {
			p.Report(language.Senseless, m.Key("by").Span, "remove the line", "`%s` says who speaks already", says.Value)
		}
	case "resolve":
		a.Text = m.Text("resolve")
		p.word(a.Text, []string{"happened", "did-not-happen", "failed"})
	default:
		a.Text = m.Text(says.Value)
	}
	return a
}

func (p *parser) event(m *language.Mapping) Event {
	says := p.oneOf(m, "an event", true, eventTable.OneOf...).Value
	e := Event{To: m.Text("to"), Who: m.Text("by"), Intervention: simulate.Intervention{Label: m.Span()}}
	switch says {
	case "cancel":
		e.Body = event.CancelRequested{Reason: m.Text(says).Value}
	case "rollback":
		e.Body = event.RollbackStarted{Reason: m.Text(says).Value}
	case "pause":
		e.Body = event.RunPaused{Reason: m.Text(says).Value}
	case "continue":
		e.Body = event.RunContinued{}
	}
	if v := m.Value("at"); v != nil && v.Text == "end" {
		e.AtEnd = true
	} else {
		e.At = p.wait(m, "at")
	}
	return e
}
