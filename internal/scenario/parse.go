package scenario

import (
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
		Inputs: m.Entries("inputs", language.VariableName), Objectives: m.Texts("objectives"),
	}
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
	return in, true
}
