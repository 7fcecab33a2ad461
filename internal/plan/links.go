package plan

import "fmt"

// links makes sure that whoever walks the plan arrives: every link leads to a
// node in the right block, and what a kind of node cannot do without is there.
// A plan that irctl wrote is sound; the file may not be what irctl wrote.
func (p *Plan) links() error {
	if !p.leads(p.Entry, None) {
		return fmt.Errorf("it begins at node %d, which is not a step of its main block", p.Entry)
	}
	for i := range p.Nodes {
		if err := p.sound(&p.Nodes[i]); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
	}
	return nil
}

func (p *Plan) sound(n *Node) error {
	switch {
	// A block stands behind its owner, so nothing is around itself.
	case n.Parent != None && (n.Parent < 0 || n.Parent >= n.ID):
		return fmt.Errorf("it cannot be in a block of node %d", n.Parent)
	case !p.leads(n.Next, n.Parent):
		return fmt.Errorf("node %d cannot follow it", n.Next)
	case n.OnFailure.Policy == FailNext && !p.leads(n.OnFailure.Next, n.Parent):
		return fmt.Errorf("node %d cannot follow its failure", n.OnFailure.Next)
	case n.Kind == Action && n.Action == nil:
		return fmt.Errorf("it uses no action")
	case n.Kind == Approve && n.Approval == nil:
		return fmt.Errorf("it asks nobody")
	case len(n.Blocks) == 0 && n.ownsBlock():
		return fmt.Errorf("it has no block")
	}
	for _, b := range n.Blocks {
		if !p.leads(b.Entry, n.ID) {
			return fmt.Errorf("its block cannot begin at node %d", b.Entry)
		}
	}
	return nil
}

// leads reports whether a token in a block of parent may go to a node.
func (p *Plan) leads(to, parent NodeID) bool {
	n := p.Node(to)
	return to == None || n != nil && n.Parent == parent
}

// ownsBlock reports whether a node of this kind always enters its block.
func (n *Node) ownsBlock() bool {
	switch n.Kind {
	case Call, Group, While, ForEach:
		return true
	}
	return false
}
