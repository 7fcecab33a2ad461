package check

import (
	"strconv"

	"github.com/irctl/irctl/pkg/runbook"
)

var NoTitle = codes.Warning("IR0317", "a runbook without a title",
	"The title is what people choose by, and the first thing that a run shows. Say what the runbook brings about.")

var NoOwner = codes.Warning("IR0318", "a runbook without an owner",
	"A runbook that nobody keeps true is wrong when it is needed. `owner` says whom to ask.")

var _ = rules.runbook.add((*reviewer).heads)

// heads: somebody must be able to tell what a runbook is for, and whom to ask
// about it.
func (r *reviewer) heads() {
	at := r.rb.Name.Span
	if !r.rb.Name.Given() {
		at = r.rb.Span
	}
	if r.rb.Title.Value == "" {
		r.report(NoTitle, at, "the runbook has no title", "add `title:` with what it brings about, in words that help at 3 am")
	}
	if r.rb.Owner.Value == "" {
		r.report(NoOwner, at, "nobody owns the runbook", "add `owner:` with whom to ask about it and who keeps it true")
	}
}

var ManualOwner = codes.Warning("IR0310", "a manual step that is nobody's",
	"In an incident everybody takes it for somebody else's. Name a person or a team as `owner` of the step, or of a step around it.")

var _ = rules.step.add((*reviewer).manualOwner)

// manualOwner: what everybody should do nobody does.
func (r *reviewer) manualOwner(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Owner.Value != "" }) {
		r.report(ManualOwner, n.step.KindKey.Span, "nobody is named who does this step", "add `owner:` with a person or team, here or on a step around it")
	}
}

var ManualLimit = codes.Warning("IR0311", "a manual step without a time limit",
	"A run that waits for somebody who forgot waits for ever, and nobody is told. Add `timeout` to the step, or to a step around it; when it is over the run says so, and a person decides.")

var _ = rules.step.add((*reviewer).manualLimit)

// manualLimit: a run that waits for a person who forgot waits for ever.
func (r *reviewer) manualLimit(n *node) {
	if n.step.Kind == runbook.KindManual && !n.up(func(s *runbook.Step) bool { return s.Timeout != nil }) {
		r.report(ManualLimit, n.step.KindKey.Span, "nothing says how long this step may take", "add `timeout:`, after which the run says that it was not done")
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

var ApprovalQuestion = codes.Warning("IR0316", "an approval that does not say of what",
	"Whoever is woken up to say yes must read what happens then. Add `text`, or a `title` to the step.")

var _ = rules.step.add((*reviewer).approvalQuestion)

func (r *reviewer) approvalQuestion(n *node) {
	s := n.step
	if s.Approve != nil && s.Approve.Text == nil && s.Title.Value == "" && s.Description.Value == "" {
		r.report(ApprovalQuestion, s.KindKey.Span, "people are not told what they agree to", "add `text:` with what happens if they say yes")
	}
}

var RoleNobodyHolds = codes.Error("IR0312", "approval by a role that nobody holds",
	"The run would wait for nobody. `people` in the environment says who holds which role. Reported when the runbook is checked against an environment.")

var TooFewHolders = codes.Warning("IR0313", "approval by more people than there are",
	"More people must agree than hold the roles, or `not_requester` leaves too few when one of them starts the run. Reported when the runbook is checked against an environment.")

var _ = rules.step.add((*reviewer).holders)

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
			r.report(TooFewHolders, place(n.step, a), "if one of those who may agree starts the run, too few are left to agree", "give the role to more people, or allow the one who asks to agree")
		} else if all && len(able) < need {
			r.report(TooFewHolders, place(n.step, a), strconv.Itoa(need)+" people must agree, but only "+strconv.Itoa(len(able))+" may", "give the role to more people, or need fewer")
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
