package cacao

import (
	"fmt"
	"slices"

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
		used := map[string]bool{}
		for _, c := range s.Commands {
			for _, target := range s.On() {
				name, id := pb.Executes(s, c, target)
				if known, ok := spec(name); !ok || len(known.Targets) == 0 || used[name+id.Value] {
					continue
				}
				used[name+id.Value] = true
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

// On are what the commands of a step act on: its targets, or its agent.
func (s *Step) On() []runbook.Text {
	if len(s.Targets) > 0 {
		return s.Targets
	}
	return given(s.Agent)
}

// Executes returns the action that executes a command of a step for one of its
// targets, and where. The agent executes bash and PowerShell: one that is
// another machine is reached by ssh. All other agents stand for whoever runs
// irctl.
func (pb *Playbook) Executes(s *Step, c *Command, target runbook.Text) (action string, on runbook.Text) {
	action = Adapters[c.Type.Value]
	if agent := pb.Actor(s.Agent.Value); agent != nil && agent.elsewhere() {
		switch c.Type.Value {
		case "bash":
			return Adapters["ssh"], s.Agent
		case "powershell":
			return action, s.Agent
		}
	}
	return action, target
}

// elsewhere reports whether an agent is a machine other than this one.
func (a *AgentTarget) elsewhere() bool {
	local := 0
	for _, kind := range a.Addresses {
		for _, v := range kind.Value.Items {
			switch v.Text {
			case "localhost", "127.0.0.1", "::1":
				local++
			default:
				return true
			}
		}
	}
	return local == 0 && slices.Contains([]string{"linux", "ssh", "net-address", "http-api"}, a.Type.Value)
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
