package engine

import (
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file answers what an expression may ask, as seen from one step: which
// instance of another step is meant, what the loop goes through, which inputs
// and variables are in scope. None of it costs more in a longer run.

// index is what New works out about a plan once.
type index struct {
	plan  *plan.Plan
	scope []plan.NodeID              // of each node: the Call around it, or None
	named map[scopedName]plan.NodeID // a step's id within its runbook
}

type scopedName struct {
	scope plan.NodeID
	name  string
}

func newIndex(p *plan.Plan) *index {
	ix := &index{plan: p, scope: make([]plan.NodeID, len(p.Nodes)), named: make(map[scopedName]plan.NodeID, len(p.Nodes))}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		scope := plan.None
		for up := p.Node(n.Parent); up != nil; up = p.Node(up.Parent) {
			if up.Kind == plan.Call {
				scope = up.ID
				break
			}
		}
		ix.scope[i] = scope
		ix.named[scopedName{scope, n.Name}] = n.ID
	}
	return ix
}

// View is what an expression can see from where it stands.
type View struct {
	s  State
	at *Step
}

// At is the view of an expression of the step at path itself.
func (s State) At(path string) View { return View{s, s.must(path)} }

// Within is the view of an expression that stands in a block of the step at
// owner, behind its last step: the results of a loop's pass or of a called
// runbook. With owner "" it is the view of the run's outputs.
func (s State) Within(owner string, lane int) View {
	return View{s, &Step{Path: owner + "/", Parent: owner, Lane: lane, Node: plan.None}}
}

// Step returns the instance of the step called name that an expression means:
// the latest one in the innermost block around it. known is false if the
// runbook has no such step, ok is false if it has not had its turn here.
func (v View) Step(name string) (st Step, ok, known bool) {
	n := v.Node(name)
	if n == nil {
		return Step{}, false, false
	}
	st, ok = v.s.locate(v.at, n.ID)
	return st, ok, true
}

// Node returns the node of the step called name, or nil.
func (v View) Node(name string) *plan.Node {
	scope := plan.None
	if path := v.s.scopePath(v.at); path != "" {
		scope = v.s.must(path).Node
	}
	id, known := v.s.ix.named[scopedName{scope, name}]
	if !known {
		return nil
	}
	return v.s.ix.plan.Node(id)
}

// locate finds the instance of the node that is visible from origin.
func (s State) locate(origin *Step, id plan.NodeID) (Step, bool) {
	// The blocks around the node, innermost first.
	var chain []plan.NodeID
	for n := s.ix.plan.Node(id); n != nil; n = s.ix.plan.Node(n.Parent) {
		chain = append(chain, n.ID)
	}
	for at := origin; ; {
		outer := s.must(at.Parent)
		depth := -1
		if outer.Path == "" {
			depth = len(chain)
		} else {
			for i, c := range chain {
				if c == outer.Node && i > 0 {
					depth = i
				}
			}
		}
		if depth > 0 {
			return s.descend(s.lanePrefix(outer, at.Lane), chain[:depth])
		}
		if outer.Path == "" {
			return Step{}, false
		}
		at = outer
	}
}

// descend follows names from a prefix down to the first node of chain, which
// is ordered innermost first.
func (s State) descend(prefix string, chain []plan.NodeID) (Step, bool) {
	for i := len(chain) - 1; ; i-- {
		st, ok := s.steps.get(prefix + s.ix.plan.Node(chain[i]).Name)
		if !ok {
			return Step{}, false
		}
		if st.latest != "" {
			st = s.must(st.latest)
		}
		if i == 0 {
			return *st, true
		}
		// A step in a loop is not visible from outside the loop.
		switch s.node(st).Kind {
		case plan.ForEach, plan.While:
			return Step{}, false
		}
		prefix = st.Path + "/"
	}
}

// Loop returns what the loop variable as means: the item, its key and its
// index from 0.
func (v View) Loop(as string) (item any, key string, index int64, ok bool) {
	for st := v.at; st.Parent != ""; {
		outer := v.s.must(st.Parent)
		n := v.s.node(outer)
		if n.Kind == plan.ForEach && n.As == as && st.Lane != always && st.Lane < len(outer.Items) {
			return outer.Items[st.Lane], outer.Keys[st.Lane], int64(st.Lane), true
		}
		if n.Kind == plan.Call {
			break
		}
		st = outer
	}
	return nil, "", 0, false
}

// Scope is the path of the called runbook that the view stands in, "" for the
// run's own runbook.
func (v View) Scope() string { return v.s.scopePath(v.at) }

// Inputs returns the inputs of the runbook that the view stands in.
func (v View) Inputs() event.Values { return v.s.must(v.Scope()).Inputs }

// Variable returns the value of a variable.
func (v View) Variable(name string) (any, bool) {
	return v.s.vars.Get(v.Scope() + "\x00" + name)
}

// Base returns a path without the number of the visit: the path that people
// type for a step they know from the runbook.
func Base(path string) string {
	i := strings.LastIndexByte(path, '#')
	if i < 0 || strings.ContainsAny(path[i:], "/]") {
		return path
	}
	return path[:i]
}
