package projection

import (
	"cmp"
	"strconv"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// tree puts a run's steps, begun or not, into the order in which people read
// the runbook.
type tree struct {
	s     engine.State
	plan  *plan.Plan
	kids  map[place][]plan.NodeID   // the nodes of a block, in reading order
	begun map[string]*engine.Step   // by path
	again map[string][]*engine.Step // later visits, by path without the number of the visit
	over  event.Status              // what a step is that never had its turn, once the run has ended; else ""
	out   []Step
}

// place is a block of a node.
type place struct {
	node  plan.NodeID
	block int
}

func newTree(s engine.State, begun []*engine.Step) *tree {
	t := &tree{s: s, plan: s.Plan(), kids: map[place][]plan.NodeID{}, begun: make(map[string]*engine.Step, len(begun)), again: map[string][]*engine.Step{}}
	// Nodes are numbered in the order of the runbook's lines.
	for i := range t.plan.Nodes {
		n := &t.plan.Nodes[i]
		at := place{n.Parent, n.Block}
		if n.Parent == plan.None {
			at.block = 0
		}
		t.kids[at] = append(t.kids[at], n.ID)
	}
	for _, st := range begun {
		if base := engine.Base(st.Path); base != st.Path {
			t.again[base] = append(t.again[base], st)
			continue
		}
		t.begun[st.Path] = st
	}
	if !s.EndedAt().IsZero() {
		t.over = event.Canceled
		if s.Status() == event.Succeeded {
			t.over = event.Skipped
		}
	}
	t.out = make([]Step, 0, max(len(begun), len(t.plan.Nodes)))
	return t
}

func (t *tree) walk() []Step {
	t.block(place{plan.None, 0}, "", 0, "", t.over)
	return t.out
}

// block adds the steps of a block. Those that have not had their turn are
// pending, or what never says if their turn cannot come any more.
func (t *tree) block(at place, prefix string, depth int, branch string, never event.Status) {
	for _, id := range t.kids[at] {
		n := t.plan.Node(id)
		path := prefix + n.Name
		t.step(n, t.begun[path], path, depth, branch, never)
		for _, st := range t.again[path] {
			t.step(n, st, st.Path, depth, branch, never)
		}
	}
}

// step adds one step and what is inside it.
func (t *tree) step(n *plan.Node, st *engine.Step, path string, depth int, branch string, never event.Status) {
	i := len(t.out)
	t.out = append(t.out, row(n, path, depth, branch))
	switch {
	case st != nil:
		t.out[i].fill(st)
		never = cmp.Or(never, after(st.Status))
	case never != "":
		t.out[i].Status = never
	case n.LeftOut != "":
		t.out[i].Status, t.out[i].Summary = event.Skipped, n.LeftOut
	}
	switch n.Kind {
	case plan.ForEach:
		t.items(n, st, path, depth, never)
	case plan.While:
		t.rounds(n, st, path, depth, never)
	}
	always, cleans := n.Always()
	switch {
	case n.Kind != plan.ForEach && n.Kind != plan.While:
		for b := range n.Blocks {
			t.choice(n, b, st, path, depth, never)
		}
	case cleans:
		t.choice(n, always, st, path, depth, never)
	}
	t.out[i].Inside = len(t.out) - i - 1
}

// after is what the steps inside a step are that never had their turn, given
// how the step around them stands.
func after(status event.Status) event.Status {
	switch status {
	case event.Canceled:
		return event.Canceled
	case event.Succeeded, event.Failed, event.Skipped, event.Undone:
		return event.Skipped
	}
	return ""
}

func (t *tree) choice(n *plan.Node, b int, st *engine.Step, path string, depth int, never event.Status) {
	label := n.Blocks[b].Label
	chooses := n.Kind == plan.If || n.Kind == plan.Switch
	if chooses && st != nil && st.Branch != "" && st.Branch != label {
		never = event.Skipped
	}
	if !chooses && !n.Blocks[b].Always {
		label = ""
	}
	t.block(place{n.ID, b}, path+"/", depth+1, label, never)
}

func (t *tree) items(n *plan.Node, st *engine.Step, path string, depth int, never event.Status) {
	if st == nil || len(st.Keys) == 0 && !entered(st) {
		t.block(place{n.ID, 0}, path+"/", depth+1, "", never) // nobody knows the items
		return
	}
	for _, key := range st.Keys {
		t.block(place{n.ID, 0}, path+"["+key+"]/", depth+1, key, never)
	}
}

func (t *tree) rounds(n *plan.Node, st *engine.Step, path string, depth int, never event.Status) {
	if st == nil || st.Iteration == 0 && !entered(st) {
		t.block(place{n.ID, 0}, path+"/", depth+1, "", never)
		return
	}
	for i := 1; i <= st.Iteration; i++ {
		gone := never
		if i < st.Iteration && gone == "" {
			gone = event.Skipped
		}
		key := strconv.Itoa(i)
		t.block(place{n.ID, 0}, path+"["+key+"]/", depth+1, key, gone)
	}
}

// entered reports whether a loop got as far as knowing how often it runs.
func entered(st *engine.Step) bool {
	return st.Phase == engine.Inside || st.Phase == engine.Concluding || st.Status == event.Succeeded
}
