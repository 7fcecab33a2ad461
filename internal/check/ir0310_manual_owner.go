package check

import "github.com/irctl/irctl/pkg/runbook"

var ManualOwner = codes.Warning("IR0310", "a manual step that is nobody's",
	"In an incident everybody takes it for somebody else's. Name a person or a team as `owner` of the step, or of a step around it.")

var _ = rules.step.add((*reviewer).manualOwner)

// manualOwner: what everybody should do nobody does.
func (r *reviewer) manualOwner(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Owner.Value != "" }) {
		r.report(ManualOwner, n.step.KindKey.Span, "nobody is named who does this step", "add `owner:` with a person or team, here or on a step around it")
	}
}
