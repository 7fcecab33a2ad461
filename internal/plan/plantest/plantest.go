// Package plantest writes plans by hand, for tests of what runs them: [Build]
// links the [Step]s that [Do] and [Node] make.
package plantest

import (
	"strings"

	"github.com/irctl/irctl/internal/plan"
)

// Step is a node before it is linked, with the blocks that it owns.
type Step struct {
	plan.Node
	Blocks [][]Step
	Always bool   // the last of the blocks runs in any case
	Goto   string // name of the next step in the block, "" is the one below
	OnFail string // name of the step to go on at after a failure
}

// Do is a step that uses the action test.NAME, which may be repeated.
func Do(name string) Step {
	return Step{Node: plan.Node{Name: name, Kind: plan.Action, Idempotent: true, Action: &plan.Use{Action: "test." + name}}}
}

// Node is a step of any kind; an approve step asks one commander.
func Node(kind plan.Kind, name string, blocks ...[]Step) Step {
	s := Step{Node: plan.Node{Name: name, Kind: kind}, Blocks: blocks}
	if kind == plan.Approve {
		s.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 1}
	}
	return s
}

// With returns the step after a change.
func (s Step) With(change func(*Step)) Step { change(&s); return s }

// Build links steps to a plan whose name is "test".
func Build(steps ...Step) *plan.Plan {
	p := &plan.Plan{Version: plan.Version, Runbook: "test", Entry: plan.None}
	p.Entry = addBlock(p, plan.None, 0, "", steps)
	return p
}

func addBlock(p *plan.Plan, parent plan.NodeID, block int, prefix string, steps []Step) plan.NodeID {
	if len(steps) == 0 {
		return plan.None
	}
	ids := map[string]plan.NodeID{}
	var order []plan.NodeID
	for _, s := range steps {
		n := s.Node
		n.ID, n.Parent, n.Block, n.Next = plan.NodeID(len(p.Nodes)), parent, block, plan.None
		n.Path = strings.TrimPrefix(prefix+"/"+n.Name, "/")
		if n.OnFailure.Policy == "" {
			n.OnFailure = plan.OnFailure{Policy: plan.FailStop, Next: plan.None}
		}
		p.Nodes = append(p.Nodes, n)
		ids[n.Name] = n.ID
		order = append(order, n.ID)
		for i, b := range s.Blocks {
			entry := addBlock(p, n.ID, i, n.Path, b)
			label := [...]string{"a", "b", "c", "d"}[i%4]
			p.Nodes[n.ID].Blocks = append(p.Nodes[n.ID].Blocks, plan.Block{Label: label, Entry: entry, Always: s.Always && i == len(s.Blocks)-1})
		}
	}
	for i, id := range order {
		n := &p.Nodes[id]
		if i+1 < len(order) {
			n.Next = order[i+1]
		}
		if s := steps[i]; s.Goto != "" {
			n.Next = ids[s.Goto]
		}
		if s := steps[i]; s.OnFail != "" {
			n.OnFailure = plan.OnFailure{Policy: plan.FailNext, Next: ids[s.OnFail]}
		}
	}
	return p.Nodes[order[0]].ID
}
