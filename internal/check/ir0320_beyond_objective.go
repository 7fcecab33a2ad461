package check

import (
	"github.com/irctl/irctl/internal/data"
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
			r.report(BeyondObjective, v.Span, "this may take "+data.Duration(d)+", but the run should be over in "+data.Duration(objective), "shorten it, or set an objective that can be kept")
		}
	}
}
