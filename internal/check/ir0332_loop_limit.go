package check

import "github.com/irctl/irctl/pkg/runbook"

var LoopLimit = codes.Warning("IR0332", "a loop without a bound",
	"If the condition stays true, the loop goes on for ever. Add `max_iterations`, or `timeout` on the loop or a step around it.")

var _ = rules.step.add((*reviewer).loopLimit)

// loopLimit: a condition that never comes true keeps a loop going.
func (r *reviewer) loopLimit(n *node) {
	s := n.step
	if value, constant := always(s.While); s.Kind == runbook.KindWhile && s.MaxIterations == 0 && !limited(n) && (value || !constant) {
		r.report(LoopLimit, s.KindKey.Span, "nothing ends this loop if its condition stays true", "add `max_iterations` or `timeout`")
	}
}
