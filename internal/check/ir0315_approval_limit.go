package check

import "github.com/irctl/irctl/pkg/runbook"

var ApprovalLimit = codes.Warning("IR0315", "an approval that is waited for without a limit",
	"If nobody answers, somebody else must be asked. Add `within`; when it is over the run says so.")

var _ = rules.step.add((*reviewer).approvalLimit)

func (r *reviewer) approvalLimit(n *node) {
	for _, a := range approvals(n.step) {
		if a.Within == nil && !n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
			r.report(ApprovalLimit, place(n.step, a), "nothing says how long the run waits for this approval", "add `within:`, after which the run says that nobody answered")
		}
	}
}
