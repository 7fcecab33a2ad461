package check

import "github.com/irctl/irctl/pkg/runbook"

var WaitLimit = codes.Warning("IR0322", "a condition that is waited for without a limit",
	"What never comes true is waited for until somebody notices. Add `for` with the most to wait.")

var _ = rules.step.add((*reviewer).waitLimit)

// waitLimit: what never becomes true is waited for until somebody notices.
func (r *reviewer) waitLimit(n *node) {
	w := n.step.Wait
	if w == nil || w.Until == nil && n.step.Verify == nil || w.For != nil || r.facts.Timed[n.step] {
		return
	}
	if n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
		return
	}
	at, what := w.Span, "the run asks this target"
	if w.Until != nil {
		at, what = w.Until.Span, "the run waits for this condition"
	}
	r.report(WaitLimit, at, what+" without a limit", "add `for:` with the most to wait")
}
