package check

import "github.com/irctl/irctl/pkg/runbook"

var JumpLimit = codes.Warning("IR0333", "a jump back that nothing ends",
	"A jump back is a loop. Without a person in it or a `timeout` around it, it may go on for ever. Use `while` with `max_iterations`, put the steps into a `steps` step with `timeout`, or ask a person on the way.")

var _ = rules.runbook.add((*reviewer).jumpsBack)

// jumpsBack: a jump back is a loop, which a person or a limit must end.
func (r *reviewer) jumpsBack() {
	asked := make([]int, len(r.order)+1) // how many of the first steps ask a person something
	for i, n := range r.order {
		asked[i+1] = asked[i]
		if n.step.Kind == runbook.KindManual || n.step.Kind == runbook.KindApprove || n.step.Approval != nil {
			asked[i+1]++
		}
	}
	for _, n := range r.order {
		jumpsOf(n.step, func(to runbook.Text) {
			first := r.byID[to.Value]
			if first == nil || first.block != n.block || first.pos > n.pos || n.parent() != nil && limited(n.parent()) {
				return
			}
			if asked[n.end] > asked[first.index] {
				return
			}
			r.report(JumpLimit, to.Span, "nothing ends the loop from here back to `"+to.Value+"`", "use `while` with `max_iterations`, or put the steps into a step with `timeout`")
		})
	}
}
