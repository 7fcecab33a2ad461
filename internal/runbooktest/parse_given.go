package runbooktest

import (
	"github.com/irctl/irctl/internal/language"
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
	for _, pair := range m.Entries("people", language.StepName) {
		s.People = append(s.People, Person{pair.Key, p.textsOf(pair.Value, "a role")})
	}
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

func (p *parser) outcome(m *language.Mapping) Outcome {
	says := p.oneOf(m, "an outcome", false, "succeed", "fail", "timeout", "unknown", "dies")
	o := Outcome{
		Span: m.Span(), Says: says.Value, Outputs: m.Entries("succeed", language.VariableName),
		Message: m.Text("fail"), Hint: m.Text("hint").Value, Summary: m.Text("summary").Value, Disagrees: m.Text("verify_shows").Value,
		Finds: p.word(m.Text("finds"), findings), Takes: p.wait(m, "takes"), Attempt: int(m.Int("attempt", 1, 1000)),
		Target: m.Text("target"), With: m.Entries("with", language.VariableName),
	}
	if says.Value == "" {
		o.Says = "succeed"
	}
	if says.Value == "unknown" {
		o.Message = m.Text("unknown")
	}
	for _, key := range []string{"timeout", "dies"} {
		if yes, given := m.Bool(key); given && !yes {
			p.Report(language.Senseless, m.Key(key).Span, "remove the line", "`%s: false` says nothing", key)
		}
	}
	o.Permanent, _ = m.Bool("permanent")
	if changed, given := m.Bool("changed"); given {
		o.Changed = &changed
	}
	if m.Has("finds") && o.Says != "unknown" && o.Says != "timeout" && o.Says != "dies" {
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
	says := p.oneOf(m, "an event", true, eventTable.OneOf...)
	e := Event{Span: m.Span(), Says: says.Value, To: m.Text("to"), By: m.Text("by")}
	if says.Value != "continue" && says.Value != "" {
		e.Text = m.Text(says.Value).Value
	}
	if v := m.Value("at"); v != nil && v.Text == "end" {
		e.AtEnd = true
	} else {
		e.At = p.wait(m, "at")
	}
	return e
}
