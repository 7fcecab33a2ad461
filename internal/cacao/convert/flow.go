package convert

import (
	"cmp"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

// work is a step of the playbook on its way to one of the runbook: its parts
// in order, which stand in a group if there are several.
type work struct {
	*translator
	d     *draft
	step  *cacao.Step
	scope *scope
	outer []*cacao.Step // it and the steps around
	parts []part
}

// part is one step of a group. As is what its id ends with if it is one of
// several; one that must not stand alone has no as.
type part struct {
	as   string
	make func(id string) *draft
}

func (w *work) part(as string, make func(id string) *draft) {
	w.parts = append(w.parts, part{as, make})
}

// taken is a part that gives the variables of out_args their values, once the
// parts before it have their ids; read is the expression for one.
func (w *work) taken(title string, takes []take, read func(take) string) {
	if len(takes) == 0 {
		return
	}
	w.part("take", func(id string) *draft {
		var set object
		for _, t := range takes {
			set = append(set, member{t.name(), "${{ " + read(t) + " }}"})
		}
		return w.assign(id, title, set, w.step.ID.Span)
	})
}

// step makes the runbook's step for one of the playbook's, without where it
// leads: that is the row's to say.
func (m *translator) step(s *cacao.Step, id string, in *scope, outer []*cacao.Step) *draft {
	d := newDraft(s.ID.Span, id, "")
	if d.remarks = m.aside(s, id); m.untouchedStep(d, s, in) {
		return d
	}
	own, set := m.inner(d, s, in)
	w := &work{translator: m, d: d, step: s, scope: own, outer: append(outer[:len(outer):len(outer)], s)}
	if len(set) > 0 {
		w.part("set", func(id string) *draft { return m.assign(id, "Set the variables of the step", set, s.ID.Span) })
	}
	w.kind()
	var body object
	if len(w.parts) == 1 {
		one := w.parts[0].make(id)
		body, d.remarks = one.fields, append(d.remarks, one.remarks...)
	} else {
		var rows []*draft
		for _, p := range w.parts {
			rows = append(rows, p.make(m.fresh(id+"-"+p.as)))
		}
		body = object{{"steps", rows}}
	}
	text := func(key string) string { text, _ := body.get(key).(string); return text }
	d.fields.put("title", orElse(escape(s.Name.Value), orElse(text("title"), escape(s.Description.Value))))
	d.fields.put("description", s.Description.Value)
	d.fields.put("owner", orElse(s.Owner.Value, text("owner")))
	d.fields.put("tags", []any{s.ID.Value})
	for _, f := range body {
		switch f.key {
		case "id", "title", "description", "owner", "timeout":
		default:
			d.fields = append(d.fields, f)
		}
	}
	if delay := w.step.Delay; delay != nil && delay.Int > 0 {
		d.fields.put("delay", span(delay.Int))
	}
	d.fields.put("timeout", w.limit())
	return d
}

// noLimit is longer than any run; it stands for a timeout of 0, which differs
// from one that is absent.
const noLimit = 100 * 365 * 24 * time.Hour

// limit is the step's timeout; empty if it has none of its own.
func (w *work) limit() string {
	switch t := w.step.Timeout; {
	case t == nil || t.Int == 0 && w.step.Kind != cacao.KindAction || !isStep(w.step):
		return ""
	case t.Int == 0:
		return span(noLimit.Milliseconds())
	default:
		return span(t.Int)
	}
}

// span is a number of milliseconds as a duration.
func span(ms int64) string {
	text := (time.Duration(ms) * time.Millisecond).String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}

// kind makes the parts of a step by what it does.
func (w *work) kind() {
	s := w.step
	switch s.Kind {
	case cacao.KindAction:
		w.action()
		return
	case cacao.KindPlaybook:
		w.call()
		return
	case cacao.KindStart, cacao.KindEnd:
		w.part("wait", func(id string) *draft {
			d := newDraft(s.ID.Span, id, "")
			d.fields.put("wait", span(s.Delay.Int))
			return d
		})
		rest := *s
		rest.Delay = nil // that is what it does
		w.step = &rest
		return
	}
	w.part("do", func(id string) *draft {
		d := newDraft(s.ID.Span, id, "")
		w.owner(d)
		return d
	})
}

// owner makes a step that owns branches.
func (w *work) owner(d *draft) {
	s := w.step
	block := func(key string, entry runbook.Text) {
		d.fields.put(key, w.branch(entry.Value, w.scope, w.outer))
	}
	switch s.Kind {
	case cacao.KindParallel:
		var branches []*draft
		for i, b := range s.NextSteps {
			branches = append(branches, w.grouped(w.branch(b.Value, w.scope, w.outer), d.id()+"-branch-"+itoa(i+1)))
		}
		d.fields.put("parallel", branches)
	case cacao.KindIf:
		d.fields.put("if", w.condition(s, w.scope))
		block("then", s.OnTrue)
		if s.OnFalse.Given() {
			block("else", s.OnFalse)
		}
	case cacao.KindWhile:
		d.fields.put("while", w.condition(s, w.scope))
		block("do", s.OnTrue)
	case cacao.KindSwitch:
		w.choice(d)
	}
}

// grouped makes one step of several, or of one that jumps: a branch of a
// parallel step has no row to jump in.
func (m *translator) grouped(steps []*draft, id string) *draft {
	if len(steps) == 1 && steps[0].fields.get("next") == nil && steps[0].fields.get("on_failure") == nil {
		return steps[0]
	}
	d := &draft{at: m.pb.Start.Span}
	if len(steps) > 0 {
		d.at = steps[0].at
	}
	d.fields.put("id", m.fresh(id))
	d.fields.put("steps", steps)
	return d
}

// emptyCase is the word for the case "", which a runbook does not have.
const emptyCase = "(empty)"

// choice makes a switch. A value that is not known (null) equals no case.
func (w *work) choice(d *draft) {
	s := w.step
	h, _ := w.scope.lookup(strings.TrimSuffix(s.Switch.Text, ":value"))
	subject := h.path
	var cases object
	var otherwise []*draft
	for _, c := range s.Cases {
		steps := w.branch(c.Value.Text, w.scope, w.outer)
		switch c.Key.Value {
		case cacao.DefaultCase:
			otherwise = steps
		case "":
			subject = subject + " == '' ? '" + emptyCase + "' : " + subject + " == '" + emptyCase + "' ? dyn(null) : dyn(" + subject + ")"
			cases.put(emptyCase, steps)
		default:
			cases.put(c.Key.Value, steps)
		}
	}
	d.fields.put("switch", filled(s.Switch, "${{ "+subject+" }}"))
	d.fields = append(d.fields, member{"cases", cases})
	if otherwise != nil {
		d.fields.put("default", otherwise)
	}
}

// aside is what the playbook says at a step and a runbook only can in a
// comment.
func (m *translator) aside(s *cacao.Step, id string) []string {
	var out []string
	if m.importing == nil {
		return nil
	}
	for _, r := range s.ExternalReferences {
		out = append(out, "see: "+referenceLine(r))
	}
	if a := m.pb.Actor(s.Agent.Value); a != nil {
		out = append(out, "agent: "+a.Name.Value+" ("+a.Type.Value+")")
	}
	for _, p := range pairsOf(s.Extensions) {
		if p.Key.Value != extensionID {
			out = append(out, m.remark(id, "its extension "+p.Key.Value+" has no meaning here"))
		}
	}
	return out
}

// maxSlug is how long an id made of a title may be.
const maxSlug = 40

// slug makes an id of a text.
func slug(text, otherwise string) string {
	s := notKebab().ReplaceAllString(strings.ToLower(text[:min(len(text), 4*maxSlug)]), "-")
	s = strings.TrimLeft(s, "0123456789-")
	return cmp.Or(strings.TrimRight(s[:min(len(s), maxSlug)], "-"), otherwise)
}

// fresh is an id for a step that the playbook does not have.
func (m *translator) fresh(base string) string { return unique(base, "-", m.taken) }

// idOf is an id for a step of the playbook: of its name, if it has one.
func (m *translator) idOf(s *cacao.Step) string {
	if m.origin != nil && m.origin.steps[s.ID.Value] != nil && !m.placed[s.ID.Value] {
		m.placed[s.ID.Value] = true
		return m.origin.steps[s.ID.Value].ID.Value
	}
	_, uuid, _ := strings.Cut(s.ID.Value, "--")
	return m.fresh(slug(s.Name.Value, string(s.Kind)+"-"+strings.ToLower(uuid[:min(8, len(uuid))])))
}
