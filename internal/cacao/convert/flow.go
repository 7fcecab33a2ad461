package convert

import (
	"cmp"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// work is a step of the playbook on its way to one of the runbook: its parts
// in order, which stand in a group if there are several.
type work struct {
	*translator
	d     *runbook.Value
	step  *cacao.Step
	scope *scope
	outer []*cacao.Step // it and the steps around
	parts []*runbook.Value
}

// part begins the next one; as is what its id ends with. If it stays the only
// one it is the step itself, so that nothing may name it but the part that takes
// its outputs.
func (w *work) part(at runbook.Span, as, title string) *runbook.Value {
	d := newStep(at, w.fresh(idOf(w.d)+"-"+as), title)
	w.parts = append(w.parts, d)
	return d
}

// taken is a part that gives the variables of out_args their values; read is the
// expression for one.
func (w *work) taken(title string, takes []take, read func(take) string) {
	if len(takes) == 0 {
		return
	}
	set := dict()
	for _, t := range takes {
		add(set, t.name(), "${{ "+read(t)+" }}")
	}
	put(w.part(w.step.ID.Span, "take", title), "set", set)
}

// step makes the runbook's step for one of the playbook's, without where it
// leads: that is the row's to say.
func (m *translator) step(s *cacao.Step, id string, in *scope, outer []*cacao.Step) *runbook.Value {
	d := newStep(s.ID.Span, id, "")
	if m.aside(d, s); m.untouchedStep(d, s, in) {
		return d
	}
	own, set := m.inner(d, s, in)
	w := &work{translator: m, d: d, step: s, scope: own, outer: append(outer[:len(outer):len(outer)], s)}
	if len(set.Pairs) > 0 {
		put(w.part(s.ID.Span, "set", "Set the variables of the step"), "set", set)
	}
	w.kind()
	body := dict("steps", w.parts)
	if len(w.parts) == 1 {
		body = w.parts[0]
		delete(m.taken, idOf(body))
		m.asides[d] = append(m.asides[d], m.asides[body]...)
	}
	put(d, "title", orElse(escape(s.Name.Value), orElse(textOf(body, "title"), escape(s.Description.Value))))
	put(d, "description", s.Description.Value)
	put(d, "owner", orElse(s.Owner.Value, textOf(body, "owner")))
	put(d, "tags", []string{s.ID.Value})
	for _, p := range body.Pairs {
		switch p.Key.Value {
		case "id", "title", "description", "owner", "timeout":
		default:
			d.Pairs = append(d.Pairs, p)
		}
	}
	if delay := w.step.Delay; delay != nil && delay.Int > 0 {
		put(d, "delay", span(delay.Int))
	}
	put(d, "timeout", w.limit())
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
	return data.Duration(time.Duration(ms) * time.Millisecond)
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
		put(w.part(s.ID.Span, "wait", ""), "wait", span(s.Delay.Int))
		rest := *s
		rest.Delay = nil // that is what it does
		w.step = &rest
		return
	}
	w.owner(w.part(s.ID.Span, "do", ""))
}

// owner makes a step that owns branches.
func (w *work) owner(d *runbook.Value) {
	s := w.step
	block := func(key string, entry runbook.Text) {
		put(d, key, w.branch(entry.Value, w.scope, w.outer))
	}
	switch s.Kind {
	case cacao.KindParallel:
		var branches []*runbook.Value
		for i, b := range s.NextSteps {
			branches = append(branches, w.grouped(w.branch(b.Value, w.scope, w.outer), idOf(w.d)+"-branch-"+itoa(i+1)))
		}
		put(d, "parallel", branches)
	case cacao.KindIf:
		put(d, "if", w.condition(s, w.scope))
		block("then", s.OnTrue)
		if s.OnFalse.Given() {
			block("else", s.OnFalse)
		}
	case cacao.KindWhile:
		put(d, "while", w.condition(s, w.scope))
		block("do", s.OnTrue)
	case cacao.KindSwitch:
		w.choice(d)
	}
}

// grouped makes one step of several, or of one that jumps: a branch of a
// parallel step has no row to jump in.
func (m *translator) grouped(steps []*runbook.Value, id string) *runbook.Value {
	if len(steps) == 1 && steps[0].Get("next") == nil && steps[0].Get("on_failure") == nil {
		return steps[0]
	}
	at := m.pb.Start.Span
	if len(steps) > 0 {
		at = steps[0].Span
	}
	d := newStep(at, m.fresh(id), "")
	put(d, "steps", steps)
	return d
}

// emptyCase is the word for the case "", which a runbook does not have.
const emptyCase = "(empty)"

// choice makes a switch. A value that is not known (null) equals no case.
func (w *work) choice(d *runbook.Value) {
	s := w.step
	h, _ := w.scope.Lookup(strings.TrimSuffix(s.Switch.Text, ":value"))
	subject := h.path
	cases := dict()
	var otherwise []*runbook.Value
	for _, c := range s.Cases {
		steps := w.branch(c.Value.Text, w.scope, w.outer)
		switch c.Key.Value {
		case cacao.DefaultCase:
			otherwise = steps
		case "":
			subject = subject + " == '' ? '" + emptyCase + "' : " + subject + " == '" + emptyCase + "' ? dyn(null) : dyn(" + subject + ")"
			put(cases, emptyCase, steps)
		default:
			put(cases, c.Key.Value, steps)
		}
	}
	put(d, "switch", filled(s.Switch, "${{ "+subject+" }}"))
	add(d, "cases", cases)
	if otherwise != nil {
		put(d, "default", otherwise)
	}
}

// aside notes what the playbook says at a step and a runbook only can in a
// comment.
func (m *translator) aside(d *runbook.Value, s *cacao.Step) {
	if m.importing == nil {
		return
	}
	m.see(d, s.ExternalReferences)
	if a := m.pb.Actor(s.Agent.Value); a != nil {
		m.beside(d, "agent: "+a.Name.Value+" ("+a.Type.Value+")")
	}
	for _, p := range pairsOf(s.Extensions) {
		if p.Key.Value != extensionID {
			m.beside(d, m.remark(idOf(d), "its extension "+p.Key.Value+" has no meaning here"))
		}
	}
}

// beside puts a comment beside a step.
func (m *translator) beside(d *runbook.Value, text string) {
	m.asides[d] = append(m.asides[d], text)
}

func (m *translator) see(d *runbook.Value, references []*runbook.Value) {
	for _, r := range references {
		m.beside(d, "see: "+referenceLine(r))
	}
}

// newStep begins a step of the runbook; at is where the playbook says it.
func newStep(at runbook.Span, id, title string) *runbook.Value {
	d := dict("id", id)
	d.Span = at
	put(d, "title", title)
	return d
}

func idOf(d *runbook.Value) string { return textOf(d, "id") }

func textOf(m *runbook.Value, key string) string {
	if v := m.Get(key); v != nil {
		return v.Text
	}
	return ""
}

// notKebab is what the id of a step cannot hold.
var notKebab = pattern.Late(`[^a-z0-9]+`)

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
	if m.origin != nil && m.origin.steps[s.ID.Value] != nil && !m.stands[s.ID.Value] {
		m.stands[s.ID.Value] = true
		return idOf(m.origin.steps[s.ID.Value])
	}
	_, uuid, _ := strings.Cut(s.ID.Value, "--")
	return m.fresh(slug(s.Name.Value, string(s.Kind)+"-"+strings.ToLower(uuid[:min(8, len(uuid))])))
}
