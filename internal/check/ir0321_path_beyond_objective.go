package check

import (
	"math"
	"time"

	"github.com/irctl/irctl/internal/data"
)

var PathBeyondObjective = codes.Warning("IR0321", "steps that together may take longer than the objective",
	"The limits of the steps that follow each other, waits and approvals included, add up to more than `objective`. Of branches the longest counts, of a loop one pass, of a retry one attempt; what says no limit does not count.")

var _ = rules.runbook.add((*reviewer).longestWay)

// longestWay: the limits of steps that follow each other must fit into the
// objective, each step taken once and tried once.
func (r *reviewer) longestWay() {
	objective := literalDuration(r.rb.Objective)
	if objective <= 0 || r.beyond {
		return
	}
	if d := longest(r.main); d > objective {
		r.report(PathBeyondObjective, r.rb.Objective.Span, "steps that keep to their limits may take "+data.Duration(d)+", but the run should be over in "+data.Duration(objective),
			"shorten the longest limits, or set an objective that can be kept")
	}
}

// longest is how long a block may take: retries do not count, a loop counts
// once, and what says no limit takes no time.
func longest(b *block) time.Duration {
	var sum time.Duration
	for i := 0; i < len(b.steps); i++ {
		n := b.steps[i]
		sum = plus(sum, longestStep(n))
		if to, ok := b.goesOn(n.step.Next); ok && to > i {
			i = to - 1
		}
	}
	return sum
}

func longestStep(n *node) time.Duration {
	s := n.step
	var before, inside time.Duration
	before = literalDuration(s.Delay)
	for _, a := range approvals(s) {
		before = plus(before, literalDuration(a.Within))
	}
	if s.Wait != nil {
		before = plus(before, literalDuration(s.Wait.For))
	}
	for _, child := range n.branches() {
		inside = max(inside, longest(child))
	}
	if limit := literalDuration(s.Timeout); limit > 0 && (len(n.children) == 0 || inside > limit) {
		inside = limit
	}
	if always := n.always(); always != nil {
		inside = plus(inside, longest(always))
	}
	return plus(before, inside)
}

// plus adds durations; what is too long to say stays so.
func plus(a, b time.Duration) time.Duration {
	a, b = max(a, 0), max(b, 0)
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
