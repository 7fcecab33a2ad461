package check

import (
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// This file answers one question: can a step have run before the place where
// an expression stands? Within a block, steps run in order, and a jump back
// makes everything between its ends able to come before everything else there.
// Branches of a parallel step run at once, those of a choice instead of each
// other, and what happens in a loop cannot be seen from outside of it, because
// it happens many times.

// backwardJumps returns the stretches of a block that may run again.
func backwardJumps(b *block) [][2]int {
	at := map[string]int{}
	for _, n := range b.steps {
		at[n.step.ID.Value] = n.pos
	}
	var jumps [][2]int
	for _, n := range b.steps {
		targets := []string{n.step.Next.Value}
		if n.step.OnFailure != nil {
			targets = append(targets, n.step.OnFailure.Next.Value)
		}
		for _, id := range targets {
			if to, ok := at[id]; ok && id != "" && to <= n.pos {
				jumps = append(jumps, [2]int{to, n.pos})
			}
		}
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

// precedes says why other cannot have run before the expressions of n; "" if
// it can. With behind, the place is the end of n's own blocks. A nil n is the
// end of the runbook.
func precedes(n *node, behind bool, other *node, acrossLoops bool) string {
	here := map[*block]*node{} // the steps around the place, by their block
	for at := n; at != nil; at = at.parent() {
		here[at.block] = at
	}
	if here[other.block] == other && (n != other) {
		return "is still running, because this step is inside it"
	}
	loop := ""
	for at := other; ; at = at.parent() {
		if mine, same := here[at.block]; same {
			if at.pos >= mine.pos && !at.block.again(mine.pos, at.pos) {
				return "comes later in the runbook"
			}
			return loop
		}
		owner := at.parent()
		if owner == nil { // n is nil: everything has ended
			return loop
		}
		if here[owner.block] == owner {
			return between(n, behind, owner, loop)
		}
		if owner.loops() && loop == "" && !acrossLoops {
			loop = "runs inside the loop `" + owner.step.ID.Value + "`, once for each pass"
		}
	}
}

// between handles a step in another block of the same owner.
func between(n *node, behind bool, owner *node, loop string) string {
	if behind && n == owner {
		return loop
	}
	if n == owner {
		if owner.loops() {
			return "runs inside this loop"
		}
		return "runs inside this step, later"
	}
	if owner.step.Kind == runbook.KindParallel {
		return "runs at the same time, in another branch of `" + owner.step.ID.Value + "`"
	}
	for at := owner; at != nil; at = at.parent() {
		if at.block.again(at.pos, at.pos) {
			return loop
		}
		if at.parent() != nil && at.parent().step.Kind == runbook.KindForEach {
			break
		}
	}
	return "is in another branch of `" + owner.step.ID.Value + "`, which does not run when this one does"
}
