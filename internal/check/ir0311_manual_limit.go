package check

import "github.com/irctl/irctl/pkg/runbook"

var ManualLimit = codes.Warning("IR0311", "a manual step without a time limit",
	"A run that waits for somebody who forgot waits for ever, and nobody is told. Add `timeout` to the step, or to a step around it; when it is over the run says so, and a person decides.")

var _ = rules.step.add((*reviewer).manualLimit)

// manualLimit: a run that waits for a person who forgot waits for ever.
func (r *reviewer) manualLimit(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
		r.report(ManualLimit, n.step.KindKey.Span, "nothing says how long this step may take", "add `timeout:`, after which the run says that it was not done")
	}
}
