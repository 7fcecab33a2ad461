package convert

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Options say what an export needs to know besides the runbook.
type Options struct {
	// Created and Modified are the playbook's times; a zero Created is
	// Modified. They are data: exporting twice gives the same bytes.
	Created, Modified time.Time
	// Level is the TLP level to mark the playbook with, such as "AMBER";
	// empty is none.
	Level string
	// Summary says in a line what an action does; nil knows none.
	Summary func(action string) string
	// Callee finds the runbook that a step runs; nil finds none.
	Callee func(name string) *runbook.Runbook
	// called knows the playbook of a playbook-action by the step's id, for
	// runbooks that are called by the path of a file that is not here.
	called map[string]string
	depth  int // of calls around the runbook
	// Keep is the playbook that the runbook was made of, of which things are
	// taken over; nil is none.
	Keep *cacao.Playbook
}

// Note says what an orchestrator that does not know irctl's extension will not
// see or do.
type Note struct {
	Step string // id, empty for the runbook itself
	Text string
}

// Export writes a runbook, which must be without errors, as a playbook. The
// bytes depend on the runbook and the options alone.
func Export(rb *runbook.Runbook, o Options) ([]byte, []Note) {
	x := newExporter(rb, o)
	start := x.workflow()
	return encode(x.playbook(start)), x.notes
}

// exporter makes one playbook.
type exporter struct {
	rb    *runbook.Runbook
	o     Options
	vars  *variables
	loops map[string]*variable // names of the loops around
	steps map[string]*runbook.Step
	ends  int
	inner int // blocks around the place
	notes []Note

	agents, targets runbook.Value // definitions in the order of their first use
	source
}

// define adds a definition, if it is not among them yet.
func define(all *runbook.Value, id string, one *runbook.Value) string {
	if all.Get(id) == nil {
		put(all, id, one)
	}
	return id
}

func newExporter(rb *runbook.Runbook, o Options) *exporter {
	x := &exporter{
		rb: rb, o: o, source: readSource(rb),
		vars:  &variables{of: map[string]*variable{}, taken: map[string]bool{}},
		loops: map[string]*variable{},
		steps: map[string]*runbook.Step{},
	}
	x.inputs(rb.Inputs)
	x.index(rb.Steps)
	return x
}

func (x *exporter) index(steps []*runbook.Step) {
	for _, s := range steps {
		x.steps[s.ID.Value] = s
		for _, o := range s.Outputs {
			v := x.output(s.ID.Value, o.Name.Value)
			v.kind = typeOf(o.Type.Value)
			v.description = sentence(orElse(o.Description.Value, "What the person answered in the step "+s.ID.Value), answerWords(o))
		}
		for _, inner := range blocksOf(s) {
			x.index(inner)
		}
	}
}

// blocksOf are the lists of steps inside a step.
func blocksOf(s *runbook.Step) [][]*runbook.Step {
	cases := each.Of(s.Cases, func(c runbook.Case) []*runbook.Step { return c.Steps })
	return append([][]*runbook.Step{s.Parallel, s.Then, s.Else, s.Default, s.Do, s.Steps}, cases...)
}

// id is the id of a thing of this runbook.
func (x *exporter) id(kind string, names ...string) string {
	return identifier(kind, append([]string{x.rb.Name.Value, x.rb.Owner.Value}, names...)...)
}

// workflow makes the steps, from the last to the first, and returns the start.
func (x *exporter) workflow() *node {
	first := x.list(x.rb.Steps, x.end(""), nil)
	return &node{
		id: x.id("start", "start"), kind: "start", name: "Start", next: first,
	}
}

// playbook is the whole document.
func (x *exporter) playbook(start *node) *runbook.Value {
	workflow := dict()
	for _, n := range reachable(start) {
		if commands := n.body.Get("commands"); commands != nil {
			for _, c := range commands.Items {
				add(c, "command", x.vars.settle(textOf(c, "command")))
			}
		}
		put(workflow, n.id, n.tree())
	}
	creator := identityOf(x.rb.Owner.Value)
	created := x.o.Created
	if created.IsZero() {
		created = x.o.Modified
	}
	marks, markings := marked(x.o.Keep, x.o.Level, creator, stamp(created))
	extensions, definitions := dict(extensionID, x.carried()), dict(extensionID, definition(creator))
	keepExtensions(extensions, definitions, x.o.Keep)

	o := dict()
	put(o, "type", "playbook")
	put(o, "spec_version", "cacao-2.0")
	put(o, "id", playbookID(x.rb.Name.Value, x.rb.Owner.Value))
	put(o, "name", orElse(x.rb.Title.Value, x.rb.Name.Value))
	put(o, "description", literal(x.rb.Description.Value))
	add(o, "playbook_processing_summary", nil)
	put(o, "created_by", creator)
	put(o, "created", stamp(created))
	put(o, "modified", stamp(x.o.Modified))
	keep(o, x.o.Keep)
	put(o, "labels", each.Of(x.rb.Tags, func(t runbook.Text) string { return t.Value }))
	put(o, "markings", marks)
	put(o, "playbook_variables", x.vars.tree())
	put(o, "workflow_start", start.id)
	put(o, "workflow", workflow)
	put(o, "playbook_extensions", extensions)
	put(o, "agent_definitions", &x.agents)
	put(o, "target_definitions", &x.targets)
	put(o, "extension_definitions", definitions)
	put(o, "data_marking_definitions", markings)
	add(o, "playbook_processing_summary", summary(o))
	return o
}

// carried is what irctl keeps of the runbook in its extension: the file
// itself. Import takes it as it is only if exporting it gives this playbook
// again, so that nobody reads one plan and imports another.
func (x *exporter) carried() *runbook.Value {
	return dict("name", x.rb.Name.Value, "runbook", string(x.rb.Source))
}

// definition describes irctl's extension to other tools.
func definition(creator string) *runbook.Value {
	return dict(
		"type", "extension-definition",
		"name", "irctl runbook",
		"description", "Carries a runbook of irctl, so that its retries, approvals, undo steps and expressions are kept. A tool that does not know it loses nothing of the workflow by leaving it out.",
		"created_by", creator,
		"schema", "On a playbook: name, the runbook's name, and runbook, its YAML text. On a step: step, the id of the runbook's step, part, what this step does for it, and native, the step as the runbook has it.",
		"version", "1.0.0",
	)
}

// summary says what the playbook uses. It is not signed.
func summary(playbook *runbook.Value) *runbook.Value {
	truth, o := cacao.Features(cacao.Read("", nil, playbook)), dict()
	for _, name := range cacao.SummaryFlags {
		if !strings.HasSuffix(name, "_signatures") {
			add(o, name, truth[name])
		}
	}
	return o
}

// stamp is a time as the standard writes it, to the millisecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (x *exporter) note(s *runbook.Step, text string) {
	n := Note{Text: text}
	if s != nil {
		n.Step = s.ID.Value
	}
	x.notes = append(x.notes, n)
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// String is the note as a line.
func (n Note) String() string {
	if n.Step == "" {
		return n.Text
	}
	return n.Step + ": " + n.Text
}
