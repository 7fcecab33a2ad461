package convert

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// origin is the runbook that a playbook of irctl's own carries, exported once
// more to be held against the playbook. A step or an input of which the
// playbook says exactly what the runbook's export says is untouched, and is
// taken over as the runbook has it, whatever was changed elsewhere.
type origin struct {
	source  []byte
	same    bool                      // the whole plan is
	steps   map[string]*runbook.Value // untouched ones as the runbook has them, by the playbook's id
	inputs  map[string]*runbook.Value // untouched ones, by the variable's name
	outputs map[string]string         // variable -> what an expression reads: "steps.open.outputs.case"
}

// plan lists the members of a playbook that say what is to be done.
var plan = []string{
	"id", "name", "description", "playbook_variables", "workflow_start", "workflow_exception", "workflow", "agent_definitions", "target_definitions",
}

// readOrigin returns nil if the playbook carries no runbook.
func readOrigin(pb *cacao.Playbook, r Rules) *origin {
	text := pb.Extensions.Get(extensionID).Get("runbook")
	if text == nil || text.Kind != runbook.StringValue {
		return nil
	}
	rb, ds := language.Parse("carried.yaml", []byte(text.Text))
	if ds.HasErrors() {
		return nil
	}
	called := map[string]string{}
	for _, s := range pb.Steps {
		called[s.ID.Value] = s.PlaybookID.Value
	}
	x := newExporter(rb, Options{Created: pb.Created.At, Modified: pb.Modified.At, Summary: r.Summary, Callee: r.Callee, called: called})
	again := cacao.Read("again.json", nil, x.playbook(x.workflow()))
	o := &origin{source: []byte(text.Text), same: true, steps: map[string]*runbook.Value{}, inputs: map[string]*runbook.Value{}, outputs: map[string]string{}}
	for _, key := range plan {
		o.same = o.same && reflect.DeepEqual(again.Tree.Get(key).Data(), pb.Tree.Get(key).Data())
	}
	inputs, _ := language.ParseTree("", rb.Source)
	variable := func(pb *cacao.Playbook, name string) any { return pb.Tree.Get("playbook_variables").Get(name).Data() }
	for native, v := range x.vars.of {
		o.outputs[v.name] = native
		if name, ok := strings.CutPrefix(native, "inputs."); ok && reflect.DeepEqual(variable(again, v.name), variable(pb, v.name)) {
			o.inputs[v.name] = inputs.Get("inputs").Get(name)
		}
	}
	for _, s := range pb.Steps {
		o.step(again.Step(s.ID.Value), s)
	}
	o.settle(x)
	return o
}

// movable are the keys of a step that the playbook's own steps say.
var movable = map[string]bool{"id": true, "next": true, "on_failure": true, "when": true, "approval": true, "fallback": true}

// step notes an action that is untouched. Where it leads does not count: the
// playbook says that.
func (o *origin) step(then, now *cacao.Step) {
	if now.Kind != cacao.KindAction || then == nil || !reflect.DeepEqual(without(then), without(now)) {
		return
	}
	ext := then.Extensions.Get(extensionID)
	if ext.Get("native") == nil {
		return
	}
	step := dict("id", textOf(ext, "step"))
	for _, p := range ext.Get("native").Pairs {
		if !movable[p.Key.Value] {
			add(step, p.Key.Value, p.Value)
		}
	}
	o.steps[now.ID.Value] = step
}

// outcomeOf is how an expression names a step.
var outcomeOf = pattern.Late(`\bsteps\.([a-z][a-z0-9-]*)\.`)

// settle leaves out steps whose expressions would mean nothing any more: those
// that name the item of a loop, or a step that is not taken over.
func (o *origin) settle(x *exporter) {
	var loops []string
	for _, s := range x.steps {
		if s.Kind == runbook.KindForEach {
			loops = append(loops, regexp.QuoteMeta(orElse(s.As.Value, "item")))
		}
	}
	items := regexp.MustCompile(`\b(` + strings.Join(append(loops, "item"), "|") + `)(_index|_key)?\b`)
	for again := true; again; {
		again = false
		ids := map[string]bool{}
		for _, s := range o.steps {
			ids[idOf(s)] = true
		}
		for key, s := range o.steps {
			text := compact(s)
			lost := len(loops) > 0 && items.MatchString(text)
			for _, m := range outcomeOf().FindAllStringSubmatch(text, -1) {
				lost = lost || !ids[m[1]]
			}
			if lost {
				delete(o.steps, key)
				again = true
			}
		}
	}
}

// without is what a step says apart from where it leads.
func without(s *cacao.Step) map[string]any {
	data, _ := s.Tree.Data().(map[string]any)
	for _, key := range []string{"on_completion", "on_success", "on_failure"} {
		delete(data, key)
	}
	return data
}

// untouchedStep makes the step that the runbook had, if it is untouched and can stand
// where it stands now.
func (m *translator) untouchedStep(d *runbook.Value, s *cacao.Step, in *scope) bool {
	if m.origin == nil {
		return false
	}
	step := m.origin.steps[s.ID.Value]
	if step == nil || idOf(d) != idOf(step) {
		return false
	}
	one := &runbook.Value{Kind: runbook.MapValue, Span: d.Span, Pairs: step.Pairs}
	set := dict()
	for _, o := range s.Out {
		path := m.origin.outputs[o.Value]
		if h, ok := in.Lookup(o.Value); ok && strings.HasPrefix(path, "steps.") {
			put(set, h.name(), "${{ "+path+" }}")
		}
	}
	if len(set.Pairs) == 0 {
		d.Pairs = one.Pairs
		return true
	}
	// Others name the step by its id, so that the row around it gets another.
	add(d, "id", m.fresh(idOf(one)+"-and-note"))
	put(d, "steps", []*runbook.Value{one, m.assign(m.fresh(idOf(one)+"-note"), "Note what it returned", set, d.Span)})
	return true
}
