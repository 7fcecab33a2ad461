package check

import "github.com/irctl/irctl/pkg/runbook"

var Unreachable = codes.Warning("IR0330", "a step that is never reached",
	"The step before it always ends the run or goes on elsewhere, also when it is skipped, and no jump leads here. Most often `when` is missing on that step.")

var _ = rules.runbook.add((*reviewer).unreachable)

// unreachable finds the first step of each stretch that no way leads to.
func (r *reviewer) unreachable() {
	r.blocks(r.main, func(b *block) {
		reached := reachable(b)
		for i, n := range b.steps {
			if reached[i] || i > 0 && !reached[i-1] {
				continue
			}
			before := b.steps[i-1] // the first step is always reached
			why := nameOf(before) + " always ends the run"
			if !ends(before) {
				why = nameOf(before) + " always goes on at `" + before.step.Next.Value + "`"
			}
			r.report(Unreachable, n.span(), "this step is never reached: "+why, "remove it, or let a step lead here").Related = []runbook.Related{{Span: before.span(), Message: "the step before"}}
		}
	})
}

// blocks calls f for a block and everything inside.
func (r *reviewer) blocks(b *block, f func(*block)) {
	f(b)
	for _, n := range b.steps {
		for _, child := range n.children {
			r.blocks(child, f)
		}
	}
}

func reachable(b *block) []bool {
	reached, open := make([]bool, len(b.steps)), []int{0}
	visit := func(i int) {
		if i < len(reached) && !reached[i] {
			reached[i] = true
			open = append(open, i)
		}
	}
	if len(reached) > 0 {
		reached[0] = true
	}
	for len(open) > 0 && len(reached) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		s := b.steps[i].step
		if ends(b.steps[i]) {
			continue
		}
		if to, ok := b.goesOn(s.Next); ok {
			visit(to)
		} else {
			visit(i + 1)
		}
		if s.OnFailure != nil {
			if to, ok := b.goesOn(s.OnFailure.Next); ok {
				visit(to)
			}
		}
	}
	return reached
}

// ends reports whether a run that comes to a step never goes on behind it. A
// step that may fail and be left behind does not end anything.
func ends(n *node) bool {
	s := n.step
	if s.When != nil || s.OnFailure != nil {
		return false
	}
	switch s.Kind {
	case runbook.KindStop:
		return true
	case runbook.KindIf:
		return len(n.children) == 2 && endsBlock(n.children[0]) && endsBlock(n.children[1])
	case runbook.KindSwitch:
		if !s.DefaultKey.Given() {
			return false
		}
		for _, child := range n.children {
			if !endsBlock(child) {
				return false
			}
		}
		return true
	case runbook.KindSteps:
		return len(n.children) > 0 && endsBlock(n.children[0])
	}
	return false
}

// endsBlock reports whether no way leads to the end of a block. Only blocks
// without jumps are judged.
func endsBlock(b *block) bool {
	for _, n := range b.steps {
		if n.step.Next.Given() || n.step.OnFailure != nil && n.step.OnFailure.Next.Given() {
			return false
		}
		if ends(n) {
			return true
		}
	}
	return false
}
