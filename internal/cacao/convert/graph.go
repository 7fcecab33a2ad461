package convert

// node is a workflow step of a playbook in the making.
type node struct {
	id, kind          string // kind is the step's type
	name, description string
	delay, timeout    int64 // milliseconds; 0 is none
	body              object
	variables         object // of the step
	extension         object // irctl's

	next     *place // on_completion
	ok, fail *place // on_success, on_failure
	yes, no  *place // on_true, on_false
	branches []*place
	cases    []branch
}

// branch is a case of a switch.
type branch struct {
	match string
	at    *place
}

// place is where a jump leads. It may be handed out before the step that
// stands there is made. The zero place is none yet.
type place struct {
	node *node
	to   *place // the place is another one
}

func at(n *node) *place { return &place{node: n} }

// settle returns the node of a place; nil if it leads nowhere.
func (p *place) settle() *node {
	for hops := 0; p != nil && hops < 1000; hops++ {
		if p.node != nil {
			return p.node
		}
		p = p.to
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
func (n *node) edges() []*place {
	out := append([]*place{}, n.branches...)
	for _, c := range n.cases {
		out = append(out, c.at)
	}
	return append(out, n.yes, n.no, n.next, n.ok, n.fail)
}

// object is the step as the standard writes it.
func (n *node) object() object {
	var o object
	o.put("type", n.kind)
	o.put("name", n.name)
	o.put("description", n.description)
	o.put("delay", n.delay)
	o.put("timeout", n.timeout)
	o.put("step_variables", n.variables)
	link := func(key string, p *place) {
		if to := p.settle(); to != nil {
			o.put(key, to.id)
		}
	}
	link("on_completion", n.next)
	link("on_success", n.ok)
	link("on_failure", n.fail)
	o = append(o, n.body...)
	link("on_true", n.yes)
	link("on_false", n.no)
	var ids []string
	for _, b := range n.branches {
		ids = append(ids, b.settle().id)
	}
	o.put("next_steps", ids)
	var cases object
	for _, c := range n.cases {
		cases.put(c.match, c.at.settle().id)
	}
	o.put("cases", cases)
	if len(n.extension) > 0 {
		o.put("step_extensions", object{{extensionID, n.extension}})
	}
	return o
}
