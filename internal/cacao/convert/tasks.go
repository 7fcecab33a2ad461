package convert

import (
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

// step makes the runbook's step for one of the playbook's, without where it
// leads: that is the row's to say.
func (m *importer) step(s *cacao.Step, id string, in *scope, outer []*cacao.Step) *draft {
	d := &draft{}
	d.fields.put("id", id)
	d.fields.put("title", escape(s.Name.Value))
	d.fields.put("description", s.Description.Value)
	d.remarks = m.aside(s, id)
	if m.native(d, s, in) {
		return d
	}
	own, set := m.inner(d, s, in)
	if set == nil {
		m.work(d, s, own, outer)
	} else {
		m.withOwn(d, s, own, set, outer)
	}
	m.times(d, s)
	return d
}

// withOwn makes a step with variables of its own: they are set before it, each
// time that it begins.
func (m *importer) withOwn(d *draft, s *cacao.Step, own *scope, set object, outer []*cacao.Step) {
	first := m.assign(m.fresh(d.id()+"-variables"), "Variables of this step", set)
	body := &draft{}
	body.fields.put("id", m.fresh(d.id()+"-body"))
	m.work(body, s, own, outer)
	if owner, ok := body.fields.get("owner").(string); ok {
		d.fields.put("owner", owner)
	}
	if inner, ok := body.fields.get("steps").([]*draft); ok {
		d.remarks = append(d.remarks, body.remarks...)
		d.fields.put("steps", append([]*draft{first}, inner...))
		return
	}
	d.fields.put("steps", []*draft{first, body})
}

// aside is what the playbook says at a step and a runbook only can in a
// comment.
func (m *importer) aside(s *cacao.Step, id string) []string {
	out := []string{s.ID.Value}
	if s.Owner.Given() {
		out = append(out, "owner: "+s.Owner.Value)
	}
	for _, r := range s.ExternalReferences {
		out = append(out, "see: "+referenceLine(r))
	}
	if s.Extensions == nil {
		return out
	}
	for _, p := range s.Extensions.Pairs {
		if p.Key.Value != extensionID {
			out = append(out, m.remark(id, "its extension "+p.Key.Value+" has no meaning here"))
		}
	}
	return out
}

// times are delay and timeout. The standard's are milliseconds, 0 included.
func (m *importer) times(d *draft, s *cacao.Step) {
	if s.Delay != nil && s.Delay.Value > 0 {
		d.fields.put("delay", span(s.Delay.Value))
	}
	switch {
	case s.Timeout == nil:
	case s.Timeout.Value == 0:
		d.remarks = append(d.remarks, m.remark(d.id(), "its timeout is 0, which would fail it at once; it is left out"))
	default:
		d.fields.put("timeout", span(s.Timeout.Value))
	}
}

// work makes what the step does.
func (m *importer) work(d *draft, s *cacao.Step, in *scope, outer []*cacao.Step) {
	around := append(outer[:len(outer):len(outer)], s)
	switch s.Kind {
	case cacao.KindAction:
		m.action(d, s, in)
	case cacao.KindPlaybook:
		m.call(d, s, in)
	case cacao.KindParallel:
		var branches []*draft
		for i, b := range s.NextSteps {
			branches = append(branches, m.grouped(m.branch(b.Value, in, around), d.id()+"-branch-"+itoa(i+1)))
		}
		d.fields.put("parallel", branches)
	case cacao.KindIf:
		m.condition(d, s, in, "if", func() {
			d.fields.put("then", m.branch(s.OnTrue.Value, in, around))
			if s.OnFalse.Given() {
				d.fields.put("else", m.branch(s.OnFalse.Value, in, around))
			}
		})
	case cacao.KindWhile:
		m.condition(d, s, in, "while", func() {
			d.fields.put("do", m.branch(s.OnTrue.Value, in, around))
		})
	case cacao.KindSwitch:
		m.choice(d, s, in, around)
	}
}

// grouped makes one step of several, or of one that jumps: a branch of a
// parallel step has no row to jump in.
func (m *importer) grouped(steps []*draft, id string) *draft {
	if len(steps) == 1 && steps[0].fields.get("next") == nil && steps[0].fields.get("on_failure") == nil {
		return steps[0]
	}
	d := &draft{}
	d.fields.put("id", m.fresh(id))
	d.fields.put("steps", steps)
	return d
}

// choice makes a switch. A case that no text can match is left out, and said.
func (m *importer) choice(d *draft, s *cacao.Step, in *scope, around []*cacao.Step) {
	h, ok := in.lookup(strings.TrimSuffix(strings.TrimSpace(s.Switch.Text), ":value"))
	if !ok {
		h = holder{path: "''", kind: "string"}
		d.remarks = append(d.remarks, m.remark(d.id(), "its switch is on "+s.Switch.Text+", which is no variable"))
	}
	subject := h.path
	if h.kind != "string" {
		subject = "string(" + h.path + ")"
	}
	d.fields.put("switch", "${{ "+subject+" }}")
	var cases object
	var otherwise []*draft
	for _, c := range s.Cases {
		steps := m.branch(c.Step.Value, in, around)
		switch c.Match.Value {
		case cacao.DefaultCase:
			otherwise = steps
		case "":
			d.remarks = append(d.remarks, m.remark(d.id(), "its case for an empty text is left out: a runbook cannot tell it from no value"))
		default:
			cases.put(c.Match.Value, steps)
		}
	}
	d.fields.put("cases", cases)
	if otherwise != nil {
		d.fields.put("default", otherwise)
	}
}

// call runs another runbook, if it is known which one. Lists and maps are text
// in a playbook, so that a runbook that wants one cannot be given it.
func (m *importer) call(d *draft, s *cacao.Step, in *scope) {
	var callee *runbook.Runbook
	if m.rules.Called != nil && len(s.Out) == 0 {
		callee = m.rules.Called(s.PlaybookID.Value)
	}
	if callee != nil {
		d.fields.put("run", callee.Name.Value)
		var with object
		for _, a := range s.In {
			h, known := in.lookup(a.Value)
			for _, wanted := range callee.Inputs {
				switch {
				case !known || wanted.Name.Value != strings.Trim(a.Value, "_"):
				case (wanted.Type.Value == "list" || wanted.Type.Value == "map") && h.kind != wanted.Type.Value:
					d.remarks = append(d.remarks, m.remark(d.id(), "it hands over "+wanted.Name.Value+", a "+wanted.Type.Value+" that the playbook has as text; left out"))
				default:
					with.put(wanted.Name.Value, "${{ "+h.path+" }}")
				}
			}
		}
		d.fields.put("with", with)
		return
	}
	text := "Carry out the playbook " + s.PlaybookID.Value
	if s.PlaybookVersion.Given() {
		text += ", version " + s.PlaybookVersion.Value
	}
	text += "."
	for _, a := range s.In {
		text += "\nGive it " + strings.Trim(a.Value, "_") + ": " + a.Value + ":value"
	}
	d.remarks = append(d.remarks, m.remark(d.id(), "it calls the playbook "+s.PlaybookID.Value+"; import that one, too, and write `run` with its name"))
	ask := &draft{}
	ask.fields.put("id", m.fresh(d.id()+"-by-hand"))
	ask.fields.put("manual", m.text(text, in))
	both := m.answered(ask, s.Out, in)
	if len(both) > 1 {
		d.fields.put("steps", both)
		return
	}
	delete(m.taken, ask.id())
	d.take(ask)
}
