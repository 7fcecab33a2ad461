package convert

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var codes = finding.Unshown("a whole playbook is too long for an example; `irctl help cacao` has one")

// Codes is what a translation finds.
func Codes() *finding.Set { return codes }

// Deps is what a translation needs to know besides the playbook.
type Deps struct {
	// Spec returns what an action declares.
	Spec func(name string) (action.Spec, bool)
	// Callee finds the playbook that a playbook-action names: by id and
	// version, or the newest if version is "". From is the file that asks. Nil
	// finds none.
	Callee func(id, version, from string) (Callee, error)
}

// Callee is a playbook that another one calls.
type Callee struct {
	Playbook *cacao.Playbook
	Bindings *cacao.Bindings // nil if there are none
	Found    runbook.Diagnostics
}

// Translation is a playbook, and those that it calls, as runbooks.
type Translation struct {
	// Runbook has the places of the playbook. It is nil if one of the findings
	// is an error.
	Runbook *runbook.Runbook
	Found   runbook.Diagnostics
	called  map[string]*runbook.Runbook
}

// Callee returns the runbook of a called playbook by the name that a run step
// has for it, as [check.Deps] asks.
func (t Translation) Callee(name, _ string) (*runbook.Runbook, error) {
	if rb := t.called[name]; rb != nil {
		return rb, nil
	}
	return nil, errors.New("no such playbook is called")
}

// Runbooks are the runbook and those of all playbooks that it calls.
func (t Translation) Runbooks() []*runbook.Runbook {
	names := slices.Sorted(maps.Keys(t.called))
	return append([]*runbook.Runbook{t.Runbook}, each.Of(names, func(name string) *runbook.Runbook { return t.called[name] })...)
}

// Translate makes a runbook of a playbook without errors, and one of each
// playbook that it calls.
//
// Each workflow step becomes one step of the list that it stands in; one that
// needs more (several commands, variables of its own) becomes a group. A step
// that several branches share is written once for each. start and end steps
// are where lists begin and end.
//
// Variables are the runbook's: what a caller gives is an input, all else is
// set by the first step, and out_args are set when they are known. Those of a
// step are renamed, so that they hide others only inside it.
//
// A failure goes to the step's on_failure; else to that of the step whose
// branch it stands in; else to workflow_exception, after which the run ends as
// failed. Without any of these nothing in the playbook says what to do, and a
// person decides, as with runbooks.
func Translate(pb *cacao.Playbook, bindings *cacao.Bindings, d Deps) Translation {
	s := newShared(d)
	rb := s.translator(pb, bindings, nil).runbook()
	if s.found.HasErrors() {
		rb = nil
	}
	return Translation{rb, s.found, s.called}
}

// maxMade is how many steps a playbook and those that it calls may become,
// because sharing multiplies.
const maxMade = 10_000

// shared is what one translation holds, over all playbooks.
type shared struct {
	deps   Deps
	found  runbook.Diagnostics
	called map[string]*runbook.Runbook // by the name in a run step
	names  map[string]string           // of run steps, by what is called and how
	made   int                         // steps
	asides map[*runbook.Value][]string // comments at the steps of an import
	full   bool
}

func newShared(d Deps) *shared {
	return &shared{deps: d, called: map[string]*runbook.Runbook{}, names: map[string]string{}, asides: map[*runbook.Value][]string{}}
}

func (s *shared) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) {
	if len(s.found) < 200 {
		s.found = append(s.found, code.At(at, fmt.Sprintf(format, args...), detail))
	}
}

var TooManySteps = codes.Error("IR0733", "the plan has too many steps",
	"A playbook becomes at most 10,000 steps with those that it calls. Steps shared by several branches count once for each, called playbooks once for each way of calling.")

// tooMany reports, once, that nothing more is made.
func (s *shared) tooMany(at runbook.Span, detail, what string) {
	if !s.full {
		s.report(TooManySteps, at, detail, "%s", what)
	}
	s.full = true
}

// translator makes the runbook of one playbook.
type translator struct {
	*shared
	pb        *cacao.Playbook
	bindings  *cacao.Bindings
	caller    *translator
	importing *Rules // nil: the runbook is to run
	origin    *origin
	stands    map[string]bool // steps of the origin that are in the runbook
	steps     map[string]*cacao.Step
	taken     map[string]bool // step ids of the runbook
	names     map[string]bool // variables and inputs of the runbook
	written   map[string]bool // variables that a step writes
	unsure    map[string]bool // and those that it may leave null
	passed    map[string]bool // variables that the caller gives
	wanted    []string        // and those that it takes back
	targets   map[string]string
	top       *scope
	failure   bool // some text reads what failed
	remarks   []Note
}

func (s *shared) translator(pb *cacao.Playbook, bindings *cacao.Bindings, caller *translator) *translator {
	m := &translator{
		shared: s, pb: pb, bindings: bindings, caller: caller, steps: map[string]*cacao.Step{}, taken: map[string]bool{}, names: map[string]bool{},
		written: map[string]bool{}, unsure: map[string]bool{}, passed: map[string]bool{}, targets: map[string]string{}, stands: map[string]bool{},
		failure: pb.ReadsFailure(),
	}
	for _, step := range pb.Steps {
		m.steps[step.ID.Value] = step
		for _, o := range step.Out {
			from, _ := bindings.Of(step, o.Value)
			m.written[o.Value] = true
			m.unsure[o.Value] = m.unsure[o.Value] || from.From == "json" || step.Kind == cacao.KindPlaybook
		}
	}
	s.found = append(s.found, bindings.Unused(pb)...)
	return m
}

// runbook makes the tree and reads it as every runbook is read.
func (m *translator) runbook() *runbook.Runbook {
	head := m.document()
	if m.found.HasErrors() {
		return nil
	}
	rb, found := language.FromTree(m.pb.File, m.pb.Source, placed(head, m.pb.Tree.Span))
	m.found = append(m.found, found...)
	return rb
}

// document is the whole runbook.
func (m *translator) document() *runbook.Value {
	head := dict()
	put(head, "irctl", language.Version)
	put(head, "name", m.name())
	put(head, "title", m.pb.Name.Value)
	put(head, "description", m.pb.Description.Value)
	var tags []any
	for _, l := range m.pb.Labels {
		if strings.TrimSpace(l.Value) != "" {
			tags = append(tags, l.Value)
		}
	}
	put(head, "tags", tags)
	inputs, first := m.variables()
	put(head, "inputs", inputs)
	steps := append(first, m.main(m.steps[m.pb.Start.Value])...)
	back := dict()
	for _, name := range m.wanted {
		h, _ := m.top.Lookup(name)
		put(back, h.name(), "${{ "+h.path+" }}")
	}
	put(head, "outputs", back)
	put(head, "steps", steps)
	return head
}

// name is the runbook's.
func (m *translator) name() string {
	if m.importing != nil && m.importing.Name != "" {
		return m.importing.Name
	}
	return slug(m.pb.Name.Value, "playbook")
}

// remark notes what the runbook does not say. It returns the text, to stand at
// the step as well.
func (m *translator) remark(step, text string) string {
	m.remarks = append(m.remarks, Note{step, text})
	return text
}

// short is a text as a message may quote it.
func short(s string) string { return action.CleanLine(s, 61) }
