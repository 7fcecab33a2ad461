package convert

import (
	"slices"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// node is a workflow step of a playbook in the making. One without an id is a
// place to jump to, handed out before the step that stands there is made.
type node struct {
	id, kind          string // kind is the step's type
	name, description string
	delay, timeout    int64 // milliseconds; 0 is none
	body              runbook.Value
	variables         runbook.Value  // of the step
	extension         *runbook.Value // irctl's

	to *node // the step, of a place

	next     *node // on_completion
	ok, fail *node // on_success, on_failure
	yes, no  *node // on_true, on_false
	branches []*node
	cases    []branch
}

// branch is a case of a switch.
type branch struct {
	match string
	at    *node
}

// settle returns the node that one stands for; nil if there is none.
func (n *node) settle() *node {
	for hops := 0; n != nil && hops < 1000; hops++ {
		if n.id != "" {
			return n
		}
		n = n.to
	}
	return nil
}

// reachable lists the nodes in the order in which a reader meets them.
func reachable(start *node) []*node {
	var order []*node
	seen := map[*node]bool{}
	var visit func(*node)
	visit = func(n *node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		order = append(order, n)
		for _, p := range n.edges() {
			visit(p.settle())
		}
	}
	visit(start)
	return order
}

// edges are the places that a step leads to, inner ones first.
func (n *node) edges() []*node {
	cases := each.Of(n.cases, func(c branch) *node { return c.at })
	return slices.Concat(n.branches, cases, []*node{n.yes, n.no, n.next, n.ok, n.fail})
}

// tree is the step as the standard writes it.
func (n *node) tree() *runbook.Value {
	o := dict()
	put(o, "type", n.kind)
	put(o, "name", n.name)
	put(o, "description", n.description)
	put(o, "delay", n.delay)
	put(o, "timeout", n.timeout)
	put(o, "step_variables", &n.variables)
	link := func(key string, p *node) {
		if to := p.settle(); to != nil {
			put(o, key, to.id)
		}
	}
	link("on_completion", n.next)
	link("on_success", n.ok)
	link("on_failure", n.fail)
	o.Pairs = append(o.Pairs, n.body.Pairs...)
	link("on_true", n.yes)
	link("on_false", n.no)
	ids := each.Of(n.branches, func(b *node) string { return b.settle().id })
	put(o, "next_steps", ids)
	cases := dict()
	for _, c := range n.cases {
		put(cases, c.match, c.at.settle().id)
	}
	put(o, "cases", cases)
	if n.extension != nil {
		put(o, "step_extensions", dict(extensionID, n.extension))
	}
	return o
}
