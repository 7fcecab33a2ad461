package check

import (
	"strconv"

	"github.com/irctl/irctl/pkg/runbook"
)

// heads: somebody must be able to tell what a runbook is for, and whom to ask
// about it.
func (r *reviewer) heads() {
	at := r.rb.Name.Span
	if !r.rb.Name.Given() {
		at = r.rb.Span
	}
	if r.rb.Title.Value == "" {
		r.warn(NoTitle, at, "the runbook has no title", "add `title:` with what it brings about, in words that help at 3 am")
	}
	if r.rb.Owner.Value == "" {
		r.warn(NoOwner, at, "nobody owns the runbook", "add `owner:` with whom to ask about it and who keeps it true")
	}
}

// manualOwner: what everybody should do nobody does.
func (r *reviewer) manualOwner(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Owner.Value != "" }) {
		r.warn(ManualOwner, n.step.KindKey.Span, "nobody is named who does this step", "add `owner:` with a person or team, here or on a step around it")
	}
}

// manualLimit: a run that waits for a person who forgot waits for ever.
func (r *reviewer) manualLimit(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
		r.warn(ManualLimit, n.step.KindKey.Span, "nothing says how long this step may take", "add `timeout:`, after which the run says that it was not done")
	}
}

// approvals are those that a step asks for, in its place or before it begins.
func approvals(s *runbook.Step) []*runbook.Approval {
	var out []*runbook.Approval
	for _, a := range []*runbook.Approval{s.Approval, s.Approve} {
		if a != nil {
			out = append(out, a)
		}
	}
	return out
}

// place is where a finding about an approval is shown.
func place(s *runbook.Step, a *runbook.Approval) runbook.Span {
	if a == s.Approve {
		return s.KindKey.Span
	}
	if len(a.Roles) > 0 {
		return a.Roles[0].Span
	}
	return a.Span
}

func (r *reviewer) approvalLimit(n *node) {
	for _, a := range approvals(n.step) {
		if a.Within == nil && !n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
			r.warn(ApprovalLimit, place(n.step, a), "nothing says how long the run waits for this approval", "add `within:`, after which the run says that nobody answered")
		}
	}
}

func (r *reviewer) approvalQuestion(n *node) {
	s := n.step
	if s.Approve != nil && s.Approve.Text == nil && s.Title.Value == "" && s.Description.Value == "" {
		r.warn(ApprovalQuestion, s.KindKey.Span, "people are not told what they agree to", "add `text:` with what happens if they say yes")
	}
}

// holders: somebody must be able to answer. Who holds a role is known only with
// an environment.
func (r *reviewer) holders(n *node) {
	if r.deps.Roles == nil {
		return
	}
	for _, a := range approvals(n.step) {
		able, all := map[string]bool{}, true
		for _, role := range a.Roles {
			people := r.deps.Roles(role.Value)
			if len(people) == 0 {
				all = false
				r.report(RoleNobodyHolds, role.Span, "nobody holds the role `"+role.Value+"`", "give it to somebody under `people` in the environment, or ask another role")
			}
			for _, p := range people {
				able[p] = true
			}
		}
		need := needed(a)
		if all && a.NotRequester && len(able) == need {
			r.warn(TooFewHolders, place(n.step, a), "if one of those who may agree starts the run, too few are left to agree", "give the role to more people, or allow the one who asks to agree")
		} else if all && len(able) < need {
			r.warn(TooFewHolders, place(n.step, a), strconv.Itoa(need)+" people must agree, but only "+strconv.Itoa(len(able))+" may", "give the role to more people, or need fewer")
		}
	}
}

// needed is how many people must agree, as far as the file tells.
func needed(a *runbook.Approval) int {
	if a.Need == nil || a.Need.Kind != runbook.IntValue {
		return 1
	}
	return int(min(a.Need.Int, 1_000_000))
}

// alone reports whether whoever started the run could give an approval by
// themselves, and the author has not said that this is meant.
func alone(a *runbook.Approval) bool {
	return !a.NotRequesterKey.Given() && !a.Need.HasExpr() && needed(a) < 2
}
