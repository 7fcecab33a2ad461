package cacao

import (
	"fmt"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Acting is an agent or target that a command acts on, so that the environment
// must say which system it is.
type Acting struct {
	ID     runbook.Text // where the step names it
	Name   string       // that the playbook gives it
	Action string       // that acts on it
}

// Acting lists what the commands of a playbook act on, each use of it once, in
// the order of the file.
func (pb *Playbook) Acting(spec func(name string) (action.Spec, bool)) []Acting {
	var out []Acting
	for _, s := range pb.Steps {
		on := s.Targets
		if len(on) == 0 && s.Agent.Given() {
			on = []runbook.Text{s.Agent}
		}
		used := map[string]bool{}
		for _, c := range s.Commands {
			name := Adapters[c.Type.Value]
			if known, ok := spec(name); !ok || len(known.Targets) == 0 || used[name] {
				continue
			}
			used[name] = true
			for _, id := range on {
				one := Acting{ID: id, Action: name}
				if a := pb.Actor(id.Value); a != nil {
					one.Name = a.Name.Value
				}
				out = append(out, one)
			}
		}
	}
	return out
}

var NotBound = codes.Error("IR0743", "agent or target that the environment does not bind",
	"A playbook names the systems that it acts on by identifiers of its own. The environment says which target each of them is: `playbooks: {bind: {ID or name: TARGET}}`. Credentials come from that target, never from the playbook.")

// Fits reports what the commands of a playbook act on and an environment does
// not have; why says what is wrong with a target for an action, "" if nothing.
func (pb *Playbook) Fits(environment string, spec func(name string) (action.Spec, bool), why func(Acting) string) runbook.Diagnostics {
	r := &reader{}
	seen := map[string]bool{}
	for _, one := range pb.Acting(spec) {
		text := why(one)
		if text == "" || seen[one.ID.Value+text] {
			continue
		}
		seen[one.ID.Value+text] = true
		r.report(NotBound, one.ID.Span, fmt.Sprintf("add `playbooks: {bind: {%s: TARGET}}` to %s", action.CleanLine(one.ID.Value, 100), environment), "%s", text)
	}
	return r.found
}
