package check

var ConstantCondition = codes.Warning("IR0331", "a condition that never changes",
	"Steps behind it never run, or always do. Most often it was written to try something out.")

var _ = rules.step.add((*reviewer).constant)

// constant: a condition that never changes hides steps, or asks nothing.
func (r *reviewer) constant(n *node) {
	s := n.step
	if value, constant := always(s.When); constant && !value {
		r.report(ConstantCondition, s.When.Span, "this is never true, so the step never runs", "remove the step, or write the condition that is meant")
	}
	if value, constant := always(s.If); constant {
		word, never := "never", "then"
		if value {
			word, never = "always", "else"
		}
		r.report(ConstantCondition, s.If.Span, "this is "+word+" true, so nothing is decided and `"+never+"` never runs", "write the condition that is meant, or keep the steps that run")
	}
	if value, constant := always(s.While); constant && !value {
		r.report(ConstantCondition, s.While.Span, "this is never true, so the loop never runs", "remove the loop, or write the condition that is meant")
	}
}
