package check

import "github.com/irctl/irctl/pkg/action"

var RetryNotIdempotent = codes.Warning("IR0302", "retry on an action that is not idempotent",
	"A command that failed may have done its work by half, or whole; trying again may do it twice. If that is harmless, say `idempotent: true`. If not, remove `retry`: a person looks first and types `irctl retry`. Actions that can tell that a failed attempt had no effect are not reported.")

var _ = rules.step.add((*reviewer).retriedTwice)

// retriedTwice: what may have happened by half is not simply done again.
func (r *reviewer) retriedTwice(n *node) {
	a, s := r.acts[n], n.step
	if a == nil || s.Retry == nil || a.effect == action.Read || a.spec.Idempotent || a.spec.Has(action.SaysDoubt) {
		return
	}
	if s.Idempotent != nil && *s.Idempotent || s.Retry.Attempts == nil || s.Retry.Attempts.Int < 2 && !s.Retry.Attempts.HasExpr() {
		return
	}
	r.report(RetryNotIdempotent, s.Retry.Attempts.Span, "`"+a.spec.Name+"` is tried again although a failed try may have had its effect",
		"say `idempotent: true` if doing it twice is harmless; otherwise remove `retry` and let a person decide")
}
