package runbooktest

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

var ExpectsNothing = codes.Error("IR0509", "a test that expects nothing",
	"It would pass whatever the runbook does. Say at least how the run ends.")

func (p *parser) expect(m *language.Mapping) Expect {
	if m == nil {
		return Expect{}
	}
	if len(m.Pairs()) == 0 {
		p.Report(ExpectsNothing, m.Span(), "add `end: succeeded`, say", "the test expects nothing, so it cannot fail")
	}
	e := Expect{
		Span: m.Span(), End: m.Text("end"), Message: m.Text("message"), Outputs: m.Entries("outputs", language.VariableName),
		PathAt: m.Key("path").Span, WaitsAt: m.Key("waits").Span, UndoneAt: m.Key("undone").Span,
	}
	p.word(e.End, ends)
	e.Path = each.Of(m.Items("path"), p.pathEntry)
	e.Steps = each.Of(m.Entries("steps", language.AnyName), p.stepExpect)
	e.Waits = each.Of(m.Items("waits"), p.waitExpect)
	for _, item := range m.Items("undone") {
		for _, t := range p.textsOf(item, "a step") {
			e.Undone = append(e.Undone, PathEntry{Step: t, Status: "undone"})
		}
	}
	e.NotRun = each.Of(m.Texts("not_run"), func(t runbook.Text) PathEntry { return PathEntry{Step: t} })
	for _, pair := range m.Entries("calls", language.AnyName) {
		c := Calls{Action: pair.Key, At: pair.Key.Span}
		if v := pair.Value; v.Kind != runbook.IntValue || v.Int < 0 {
			p.Report(language.Malformed, v.Span, "write it in digits", "the number of calls must be a whole number")
		} else {
			c.Times = int(v.Int)
		}
		e.Calls = append(e.Calls, c)
	}
	e.Elapsed = p.elapsed(m)
	return e
}

func (p *parser) pathEntry(v *runbook.Value) PathEntry {
	if v.Kind == runbook.MapValue && len(v.Pairs) == 1 {
		pair := v.Pairs[0]
		return PathEntry{Step: pair.Key, Status: p.word(p.Text(pair), statuses)}
	}
	e := PathEntry{Status: "succeeded"}
	if t := p.textsOf(v, "a step of the path"); len(t) == 1 {
		e.Step, e.Gap = t[0], t[0].Value == "..."
	}
	return e
}

func (p *parser) stepExpect(pair runbook.Pair) StepExpect {
	s := StepExpect{Step: pair.Key, At: pair.Key.Span}
	if pair.Value.Kind != runbook.MapValue {
		s.Status = p.Text(pair)
		p.word(s.Status, statuses)
		return s
	}
	m := p.Fields(pair.Value, "what is expected of a step", stepTable)
	s.Status, s.Why, s.Asks, s.Target = m.Text("status"), m.Text("why"), m.Text("asks"), m.Text("target")
	s.With, s.Outputs = m.Entries("with", language.VariableName), m.Entries("outputs", language.VariableName)
	p.word(s.Status, statuses)
	if m.Has("attempts") {
		n := int(m.Int("attempts"))
		s.Attempt = &n
	}
	if len(m.Pairs()) == 0 {
		p.Report(ExpectsNothing, s.At, "write a status, say", "nothing is expected of the step")
	}
	return s
}

func (p *parser) waitExpect(v *runbook.Value) WaitExpect {
	if v.Kind != runbook.MapValue {
		if t := p.textsOf(v, "a step"); len(t) == 1 {
			return WaitExpect{Step: t[0]}
		}
		return WaitExpect{}
	}
	m := p.Fields(v, "what the run waits for", waitTable)
	roles := each.Of(m.Texts("roles"), func(r runbook.Text) string { return r.Value })
	slices.Sort(roles)
	return WaitExpect{Step: m.Text("step"), For: p.word(m.Text("for"), kinds), Roles: roles}
}

func (p *parser) elapsed(m *language.Mapping) *Elapsed {
	v := m.Value("elapsed")
	if v == nil {
		return nil
	}
	e := &Elapsed{At: v.Span, Most: time.Duration(1<<63 - 1)}
	if v.Kind != runbook.MapValue {
		e.Least = p.wait(m, "elapsed")
		e.Most = e.Least
		return e
	}
	inner := m.Fields("elapsed", "`elapsed`", elapsedTable)
	e.Least = p.wait(inner, "at_least")
	if inner.Has("at_most") {
		e.Most = p.wait(inner, "at_most")
	}
	return e
}
