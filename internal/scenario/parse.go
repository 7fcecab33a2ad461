package scenario

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

var InjectTwice = codes.Error("IR0604", "two injects have the same id",
	"The report of an exercise names injects by their id. Give each its own.")

// Parse reads a scenario file. It reports every problem at once and returns
// what it could read; the scenario is nil if nothing could be, and then there
// is at least one error.
func Parse(file string, src []byte) (*Scenario, runbook.Diagnostics) {
	p := &parser{}
	m := p.File(file, src, "scenario", "a scenario", fileTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	s := &Scenario{
		File: file, Name: m.Name("name", language.StepName), Title: m.Text("title"), Description: m.Text("description"),
		Runbook: m.Text("runbook"), Environment: m.Text("environment"), Start: m.Time("start"),
		Inputs: m.Entries("inputs", language.VariableName),
	}
	p.people(m, s)
	ids := map[string]runbook.Span{}
	for _, item := range m.Items("injects") {
		if in, ok := p.inject(item); ok {
			if before, twice := ids[in.ID.Value]; twice && in.ID.Given() {
				p.Report(InjectTwice, in.ID.Span, "give it another id", "the id `%s` stands on line %d already", in.ID.Value, before.Start.Line)
			}
			ids[in.ID.Value] = in.ID.Span
			s.Injects = append(s.Injects, in)
		}
	}
	return s, p.Diagnostics()
}

type parser struct{ language.Decoder }

var InjectWhen = codes.Error("IR0605", "an inject comes at no moment, or at two",
	"It comes so long after the start (`at`), or after a step has ended (`after`). Give one of the two.")

func (p *parser) inject(v *runbook.Value) (Inject, bool) {
	m := p.Fields(v, "an inject", injectTable)
	if m == nil {
		return Inject{}, false
	}
	in := Inject{
		ID: m.Name("id", language.StepName), After: m.Name("after", language.StepName), Title: m.Text("title"), Text: m.Text("text"),
		To: m.Name("to", language.StepName), Expect: m.Text("expect"),
	}
	if at := m.Duration("at"); at != nil {
		in.At, _ = time.ParseDuration(at.Text) // Duration has looked at it, expressions apart
		if at.HasExpr() {
			p.Report(language.Malformed, at.Span, "write numbers with units, such as 20m", "`at` must be a duration")
		}
	}
	if m.Has("at") == m.Has("after") {
		p.Report(InjectWhen, v.Span, "say when it comes: either `at: 20m` or `after: STEP`", "an inject comes at one moment")
	}
	in.When, in.Silent, in.For = When(cmp.Or(m.Word("when").Value, string(Ended))), m.Name("silent", language.StepName), span(m, "for")
	in.Crash, _ = m.Bool("crash")
	if f := m.Fields("fault", "`fault`", faultTable); f != nil {
		in.Fault = Fault{Step: f.Text("step"), Target: f.Text("target"), Action: f.Text("action"), How: f.Word("how").Value,
			Takes: span(f, "takes"), For: span(f, "for"), Times: int(f.Int("times"))}
		if given := len(slices.DeleteFunc([]bool{f.Has("step"), f.Has("target"), f.Has("action")}, func(has bool) bool { return !has })); given != 1 {
			p.Report(language.Senseless, f.Span(), "give one of `step`, `target` and `action`", "a fault hits one thing")
		}
	}
	if d := m.Fields("decision", "`decision`", decisionTable); d != nil {
		in.Decision = Decision{Step: d.Text("step"), Says: d.Word("says"), Within: span(d, "within")}
	}
	return in, true
}

// span is a duration that is written out; zero if it is absent or wrong.
func span(m *language.Mapping, key string) time.Duration {
	v := m.Duration(key)
	if v == nil {
		return 0
	}
	out, _ := time.ParseDuration(v.Text)
	return out
}

// people reads who plays, what they say, and what the exercise should show.
func (p *parser) people(m *language.Mapping, s *Scenario) {
	for _, pair := range m.Entries("players", language.StepName) {
		if f := p.Fields(pair.Value, "`"+pair.Key.Value+"`", playerTable); f != nil {
			s.Players = append(s.Players, Player{Name: pair.Key, Roles: f.Texts("roles"), Answers: cmp.Or(span(f, "answers"), 2*time.Minute)})
		}
	}
	for _, item := range m.Items("answers") {
		if f := p.Fields(item, "an answer", answerTable); f != nil {
			s.Answers = append(s.Answers, Answer{Step: f.Text("step"), Says: f.Word("says"), Outputs: f.Entries("outputs", language.VariableName)})
		}
	}
	for _, item := range m.Items("objectives") {
		if item.Kind == runbook.StringValue {
			s.Objectives = append(s.Objectives, Objective{Text: runbook.Text{Value: item.Text, Span: item.Span}})
		} else if f := p.Fields(item, "an objective", objectiveTable); f != nil {
			s.Objectives = append(s.Objectives, Objective{Text: f.Text("text"), Step: f.Text("step"), Capability: f.Text("capability"), Within: span(f, "within")})
		}
	}
}
