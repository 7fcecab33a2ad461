package engine_test

import (
	"strings"

	"github.com/irctl/irctl/internal/plan"
)

// step describes a node for tests; blocks are lists of steps.
type step struct {
	plan.Node
	blocks [][]step
	next   string // on_failure or next by name, resolved within the block
	onFail string
}

func do(name string) step {
	return step{Node: plan.Node{Name: name, Kind: plan.Action, Action: &plan.Use{Action: "test." + name}}}
}

func node(kind plan.Kind, name string, blocks ...[]step) step {
	s := step{Node: plan.Node{Name: name, Kind: kind}, blocks: blocks}
	if kind == plan.Approve {
		s.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 1}
	}
	return s
}

func (s step) with(change func(*step)) step { change(&s); return s }

// build makes a plan of steps.
func build(steps ...step) *plan.Plan {
	p := &plan.Plan{Version: plan.Version, Runbook: "test", Entry: plan.None}
	p.Entry = addBlock(p, plan.None, 0, "", steps)
	return p
}

func addBlock(p *plan.Plan, parent plan.NodeID, block int, prefix string, steps []step) plan.NodeID {
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
		for i, b := range s.blocks {
			entry := addBlock(p, n.ID, i, n.Path, b)
			label := [...]string{"a", "b", "c", "d"}[i%4]
			p.Nodes[n.ID].Blocks = append(p.Nodes[n.ID].Blocks, plan.Block{Label: label, Entry: entry})
		}
	}
	for i, id := range order {
		n := &p.Nodes[id]
		if i+1 < len(order) {
			n.Next = order[i+1]
		}
		if s := steps[i]; s.next != "" {
			n.Next = ids[s.next]
		}
		if s := steps[i]; s.onFail != "" {
			n.OnFailure = plan.OnFailure{Policy: plan.FailNext, Next: ids[s.onFail]}
		}
	}
	return p.Nodes[order[0]].ID
}
