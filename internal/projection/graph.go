package projection

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/irctl/irctl/internal/plan"
)

// Graph is which way a run of a plan may go: its steps in reading order, and
// what follows what.
type Graph struct {
	Runbook string      `json:"runbook"`
	Title   string      `json:"title"`
	Nodes   []GraphNode `json:"nodes"`
	Edges   []GraphEdge `json:"edges"`
}

// GraphNode is a step.
type GraphNode struct {
	ID     string `json:"id"` // "n0": letters and digits alone
	Path   string `json:"path"`
	Name   string `json:"name"` // its title, or its id
	Kind   string `json:"kind"`
	Does   string `json:"does"`   // "email.suspend on corporate-mail"
	Depth  int    `json:"depth"`  // 0 for the main block
	Branch string `json:"branch"` // of the first step of a block: when the block is taken; "" is always
	Inside bool   `json:"inside"` // has steps inside
}

// GraphEdge is one way from a step to another.
type GraphEdge struct {
	From    string `json:"from"`
	To      string `json:"to"`    // "" is the end of the run
	Label   string `json:"label"` // why: "if so", "if it fails"; "" is a good end
	Failure bool   `json:"failure"`
	Plain   bool   `json:"plain"` // leads where a reader expects: to the step below, or inside
}

// GraphOf makes the graph of a plan. does says in words what a node does, and
// branch when a block of it is taken.
func GraphOf(p *plan.Plan, does func(*plan.Node) string, branch func(n *plan.Node, block int) string) Graph {
	g := Graph{Runbook: p.Runbook, Title: cmp.Or(p.Title, p.Runbook), Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	depth, below := make([]int, len(p.Nodes)), Following(p)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		out := GraphNode{ID: graphID(n.ID), Path: n.Path, Name: cmp.Or(n.Title, n.Name), Kind: string(n.Kind), Does: does(n), Inside: hasInside(n)}
		if up := p.Node(n.Parent); up != nil {
			depth[i] = depth[n.Parent] + 1
			if up.Blocks[n.Block].Entry == n.ID {
				out.Branch = branch(up, n.Block)
			}
		}
		out.Depth = depth[i]
		g.Nodes = append(g.Nodes, out)
		g.Edges = append(g.Edges, waysIn(n, branch)...)
		g.Edges = append(g.Edges, waysOn(p, n, below[i])...)
	}
	return g
}

func graphID(id plan.NodeID) string { return "n" + strconv.Itoa(int(id)) }

func hasInside(n *plan.Node) bool {
	return slices.ContainsFunc(n.Blocks, func(b plan.Block) bool { return b.Entry != plan.None })
}

// waysIn lead from a node into its blocks.
func waysIn(n *plan.Node, branch func(*plan.Node, int) string) []GraphEdge {
	var out []GraphEdge
	for i, b := range n.Blocks {
		if b.Entry != plan.None {
			out = append(out, GraphEdge{From: graphID(n.ID), To: graphID(b.Entry), Label: branch(n, i), Plain: true})
		}
	}
	return out
}

// waysOn lead on from a node, and elsewhere when it fails. A step that fails
// and says nothing of it leads nowhere: a person decides.
func waysOn(p *plan.Plan, n *plan.Node, below plan.NodeID) []GraphEdge {
	on := GraphEdge{From: graphID(n.ID), Plain: n.Next == below}
	up := p.Node(n.Parent)
	switch {
	case n.Kind == plan.Stop:
		on.Label, on.Failure, on.Plain = "ends "+n.StopStatus, n.StopStatus == "failed", false
		return []GraphEdge{on}
	case n.Next != plan.None:
		on.To = graphID(n.Next)
	case up == nil: // the end of the run
	case up.Kind == plan.While || up.Kind == plan.ForEach:
		on.To, on.Label = graphID(up.ID), "again"
	case !on.Plain: // a jump out of a block's middle to its end
		on.To = graphID(up.ID)
	default:
		return failures(n, nil)
	}
	if !on.Plain && on.Label == "" {
		on.Label = "then"
	}
	if n.OnFailure.Policy == plan.FailContinue {
		on.Label, on.Plain = "also if it fails", false
	}
	return failures(n, []GraphEdge{on})
}

func failures(n *plan.Node, ways []GraphEdge) []GraphEdge {
	from := graphID(n.ID)
	switch n.OnFailure.Policy {
	case plan.FailNext:
		return append(ways, GraphEdge{From: from, To: graphID(n.OnFailure.Next), Label: "if it fails", Failure: true})
	case plan.FailRollback:
		return append(ways, GraphEdge{From: from, Label: "if it fails, undo the run", Failure: true})
	}
	return ways
}

// Following gives for every node the step below it in its block, None for the
// last one.
func Following(p *plan.Plan) []plan.NodeID {
	type block struct {
		parent plan.NodeID
		n      int
	}
	out, last := make([]plan.NodeID, len(p.Nodes)), map[block]plan.NodeID{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		at := block{n.Parent, n.Block}
		if before, ok := last[at]; ok {
			out[before] = n.ID
		}
		out[i], last[at] = plan.None, n.ID
	}
	return out
}
