package check

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// This file answers one question: can a step have run before the place where
// an expression stands? Within a block, steps run in order, and a jump back
// makes everything between its ends able to come before everything else there.
// Branches of a parallel step run at once, those of a choice instead of each
// other, and what happens in a loop cannot be seen from outside of it, because
// it happens many times.

// positions are where the steps of a block are, by their ids. Only blocks that
// jump ask for them.
func (b *block) positions() map[string]int {
	if b.ids == nil {
		b.ids = make(map[string]int, len(b.steps))
		for _, n := range b.steps {
			b.ids[n.step.ID.Value] = n.pos
		}
	}
	return b.ids
}

// goesOn is the position that a name leads to.
func (b *block) goesOn(to runbook.Text) (pos int, ok bool) {
	if !to.Given() {
		return 0, false
	}
	pos, ok = b.positions()[to.Value]
	return pos, ok
}

// jumpsOf calls f for every place that a step goes on to by name.
func jumpsOf(s *runbook.Step, f func(to runbook.Text)) {
	if s.Next.Given() {
		f(s.Next)
	}
	if s.OnFailure != nil && s.OnFailure.Next.Given() {
		f(s.OnFailure.Next)
	}
}

// backwardJumps returns the stretches of a block that may run again.
func backwardJumps(b *block) [][2]int {
	var jumps [][2]int
	for _, n := range b.steps {
		jumpsOf(n.step, func(next runbook.Text) {
			if to, ok := b.goesOn(next); ok && to <= n.pos {
				jumps = append(jumps, [2]int{to, n.pos})
			}
		})
	}
	slices.SortFunc(jumps, func(a, b [2]int) int { return a[0] - b[0] })
	var merged [][2]int
	for _, j := range jumps {
		if n := len(merged); n > 0 && j[0] <= merged[n-1][1] {
			merged[n-1][1] = max(merged[n-1][1], j[1])
			continue
		}
		merged = append(merged, j)
	}
	return merged
}

// again reports whether the steps at both positions lie in one stretch that
// may run again.
func (b *block) again(a, c int) bool {
	i, _ := slices.BinarySearchFunc(b.jumps, a, func(j [2]int, at int) int { return j[1] - at })
	return i < len(b.jumps) && b.jumps[i][0] <= min(a, c) && max(a, c) <= b.jumps[i][1]
}

// holds reports whether a step is n or n is inside of it.
func (n *node) holds(other *node) bool {
	return other != nil && n.index <= other.index && other.index < n.end
}

// around is the step of the block that is n or that n is inside of, nil if n is
// elsewhere.
func (b *block) around(n *node) *node {
	if n == nil || n.index < b.from || n.index >= b.to {
		return nil
	}
	i, found := slices.BinarySearchFunc(b.steps, n.index, func(s *node, index int) int { return cmp.Compare(s.index, index) })
	if !found {
		i--
	}
	return b.steps[i]
}

// sameTime begins what precedes says of a step in another branch.
const sameTime = "runs at the same time"

// precedes says why other cannot have run before the expressions of n; "" if
// it can. With behind, the place is the end of n's own blocks. A nil n is the
// end of the runbook.
func precedes(n *node, behind bool, other *node) string {
	if n != other && other.holds(n) {
		return "is still running, because this step is inside it"
	}
	loop := ""
	for at := other; ; at = at.parent() {
		if mine := at.block.around(n); mine != nil {
			if at.pos >= mine.pos && !at.block.again(mine.pos, at.pos) {
				return "comes later in the runbook"
			}
			return loop
		}
		owner := at.parent()
		if owner == nil { // n is nil: everything has ended
			return loop
		}
		if owner.holds(n) {
			return between(n, behind, at, loop)
		}
		if owner.loops() && loop == "" {
			loop = "runs inside the loop `" + owner.step.ID.Value + "`, once for each pass"
		}
	}
}

// between handles a step in another block of the same owner; at is the step of
// that block.
func between(n *node, behind bool, at *node, loop string) string {
	owner := at.parent()
	if behind && n == owner {
		return loop
	}
	switch always := owner.always(); {
	case n == owner || always == nil:
	case at.block == always:
		return "cleans up once this step has ended"
	case always.around(n) != nil && owner.loops():
		return "runs inside the loop `" + owner.step.ID.Value + "`, once for each pass"
	case always.around(n) != nil:
		return loop
	}
	if n == owner {
		if owner.loops() {
			return "runs inside this loop"
		}
		return "runs inside this step, later"
	}
	if owner.step.Kind == runbook.KindParallel {
		return sameTime + ", in another branch of `" + owner.step.ID.Value + "`"
	}
	if repeats(owner) {
		return loop
	}
	return "is in another branch of `" + owner.step.ID.Value + "`, which does not run when this one does"
}

// always is the block of n that runs in any case, nil if there is none.
func (n *node) always() *block {
	if last := len(n.children) - 1; last >= 0 && n.children[last].always {
		return n.children[last]
	}
	return nil
}

// branches are the blocks of n that it is about.
func (n *node) branches() []*block {
	if n.always() != nil {
		return n.children[:len(n.children)-1]
	}
	return n.children
}

// repeats reports whether a jump back leads to a step again, or to one around it
// in the same pass of a loop.
func repeats(n *node) bool {
	for at := n; at != nil; at = at.parent() {
		if at.block.again(at.pos, at.pos) {
			return true
		}
		if at.parent() != nil && at.parent().step.Kind == runbook.KindForEach {
			return false
		}
	}
	return false
}
