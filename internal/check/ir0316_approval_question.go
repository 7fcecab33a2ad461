package check

var ApprovalQuestion = codes.Warning("IR0316", "an approval that does not say of what",
	"Whoever is woken up to say yes must read what happens then. Add `text`, or a `title` to the step.")

var _ = rules.step.add((*reviewer).approvalQuestion)

func (r *reviewer) approvalQuestion(n *node) {
	s := n.step
	if s.Approve != nil && s.Approve.Text == nil && s.Title.Value == "" && s.Description.Value == "" {
		r.report(ApprovalQuestion, s.KindKey.Span, "people are not told what they agree to", "add `text:` with what happens if they say yes")
	}
}
