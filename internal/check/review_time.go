package check

import (
	"math"
	"time"

	"github.com/irctl/irctl/pkg/runbook"
)

// limits are the times that a step may take on its own account.
func limits(s *runbook.Step) []*runbook.Value {
	out := []*runbook.Value{s.Timeout, s.Delay}
	for _, a := range approvals(s) {
		out = append(out, a.Within)
	}
	if s.Wait != nil {
		out = append(out, s.Wait.For)
	}
	return out
}

var BeyondObjective = codes.Warning("IR0320", "a time limit longer than the run's objective",
	"`objective` says how soon the run should be over. A single step that may take longer than that has a limit that helps nobody.")

var _ = rules.step.add((*reviewer).beyondObjective)

// beyondObjective: a step that may take longer than the run should has a limit
// that helps nobody.
func (r *reviewer) beyondObjective(n *node) {
	objective := literalDuration(r.rb.Objective)
	for _, v := range limits(n.step) {
		if d := literalDuration(v); objective > 0 && d > objective {
			r.beyond = true
			r.report(BeyondObjective, v.Span, "this may take "+short(d)+", but the run should be over in "+short(objective), "shorten it, or set an objective that can be kept")
		}
	}
}

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
		r.report(PathBeyondObjective, r.rb.Objective.Span, "steps that keep to their limits may take "+short(d)+", but the run should be over in "+short(objective),
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
	for _, child := range n.children {
		inside = max(inside, longest(child))
	}
	if limit := literalDuration(s.Timeout); limit > 0 && (len(n.children) == 0 || inside > limit) {
		inside = limit
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

// short is a duration as people write it: 1h, not 1h0m0s.
func short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if len(text) > len(zero) && text[len(text)-len(zero):] == zero {
			text = text[:len(text)-2]
		}
	}
	return text
}

var WaitLimit = codes.Warning("IR0322", "a condition that is waited for without a limit",
	"What never comes true is waited for until somebody notices. Add `for` with the most to wait.")

var _ = rules.step.add((*reviewer).waitLimit)

// waitLimit: what never becomes true is waited for until somebody notices.
func (r *reviewer) waitLimit(n *node) {
	w := n.step.Wait
	if w == nil || w.Until == nil || w.For != nil || r.facts.Timed[n.step] {
		return
	}
	if n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
		return
	}
	r.report(WaitLimit, w.Until.Span, "the run waits for this condition without a limit", "add `for:` with the most to wait")
}
