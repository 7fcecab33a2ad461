package check

import "strconv"

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
		if a.Escalate != nil {
			for _, role := range a.Escalate.To {
				if len(r.deps.Roles(role.Value)) == 0 {
					r.report(RoleNobodyHolds, role.Span, "nobody holds the role `"+role.Value+"`", "give it to somebody under `people` in the environment, or ask another role")
				}
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
