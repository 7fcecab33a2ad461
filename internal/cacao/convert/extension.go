package convert

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// nested are the keys of a step that hold other steps: these are steps of the
// playbook of their own.
var nested = map[string]bool{
	"parallel": true, "then": true, "else": true, "cases": true, "default": true, "do": true, "steps": true,
}

// extension is what irctl keeps on a step: the runbook's step that it is part
// of, and on the one that does the step's work the step as the runbook has it.
func (x *exporter) extension(s *runbook.Step, part string, native *runbook.Step) *runbook.Value {
	o := dict("step", s.ID.Value, "part", part)
	if native != nil {
		put(o, "native", x.native(native))
	}
	return o
}

// native is a step's mapping without the steps inside it.
func (x *exporter) native(s *runbook.Step) *runbook.Value {
	v := x.values[s.Span.Start.Offset]
	if v == nil {
		return nil
	}
	o := dict()
	for _, p := range v.Pairs {
		if nested[p.Key.Value] {
			continue
		}
		add(o, p.Key.Value, p.Value)
	}
	return o
}

// source is what the exporter reads from the runbook's tree rather than from
// its steps.
type source struct {
	values map[int]*runbook.Value // mappings by where they begin
	read   []string               // outputs of steps that expressions are, in the file's order, each once
}

func readSource(rb *runbook.Runbook) source {
	s := source{values: map[int]*runbook.Value{}}
	tree, _ := language.ParseTree(rb.File, rb.Source)
	seen := map[string]bool{}
	for v := range tree.All() {
		if v.Kind == runbook.MapValue {
			s.values[v.Span.Start.Offset] = v
		}
		if v.Kind != runbook.StringValue {
			continue
		}
		for _, ref := range outputOf().FindAllString(v.Text, -1) {
			if !seen[ref] {
				seen[ref] = true
				s.read = append(s.read, ref)
			}
		}
	}
	return s
}
