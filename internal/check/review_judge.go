package check

import (
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var EvidenceLate = codes.Warning("IR0342", "evidence is kept after it is gone",
	"A session that was ended shows nothing any more: who was there, from where, doing what. Keep evidence first; it takes minutes.")

// judge reports what is wrong with an act at its place in the order.
func (o *order) judge(a *act) {
	o.consent(a)
	o.reach(a)
	o.blocked(a)
	if a.spec.Has(action.KeepsEvidence) && !o.kept && o.lost != nil {
		o.report(EvidenceLate, a.node.step.Uses.Action.Span, "evidence is kept only after "+nameOf(o.lost.node)+" has ended what it would show", "keep evidence before anything is ended or replaced").Related = []runbook.Related{{Span: o.lost.node.place().span(), Message: "what ended it"}}
	}
}

var NoApproval = codes.Warning("IR0301", "a change that cannot be undone, and nobody is asked",
	"What nobody can take back should be agreed to by somebody who can answer for it. Add `approval` to the step, or an `approve` step that the run comes to before it.")

var OwnApproval = codes.Warning("IR0314", "containment that one person could approve alone",
	"An approval asks a second person only if it says so: whoever starts the run may otherwise answer it. Write `not_requester: true`, or `need: 2`. Where one person may decide, because at 3 am there may be no other, write `not_requester: false`: then it is meant. Reported for approvals of what takes a system offline or cannot be taken back, messages aside.")

// consent: somebody agrees to what nobody can take back, and not only the one
// who wants it.
func (o *order) consent(a *act) {
	s := a.node.step
	if o.agreed == nil {
		if o.final(a) {
			o.report(NoApproval, s.Uses.Action.Span, "`"+a.spec.Name+"` cannot be taken back, and nobody is asked before", "add `approval:` to the step, or an `approve` step before it")
		}
		return
	}
	if o.others || !o.dangerous(a) || a.spec.Has(action.TellsPeople) || o.asked[o.agreed.approval] {
		return
	}
	o.asked[o.agreed.approval] = true
	o.report(OwnApproval, o.agreed.at, "whoever starts the run could agree to "+nameOf(a.node)+" alone", "add `not_requester: true` or `need: 2`; if one person may decide, say so with `not_requester: false`")
}

var MailOffline = codes.Warning("IR0340", "people are told by mail that was taken offline",
	"The message goes through the mail system that an earlier step has suspended, or through one that cannot be told from it. Tell people by a way that does not depend on what is contained.")

var TargetOffline = codes.Warning("IR0341", "a step that needs what an earlier step took offline",
	"The step works through a system that does not answer any more. Do it before, or by way of another system. Steps that work on the system itself, such as ending its sessions, are not reported.")

// reach: what goes through a system that is offline does not arrive.
func (o *order) reach(a *act) {
	s := a.node.step
	if !a.spec.Has(action.ThroughService) {
		return
	}
	target := targetOf(s.Uses)
	by := o.offline[target]
	if a.spec.Has(action.SendsMail) {
		if by == nil && o.mailOff != nil && (s.Uses.Target.HasExpr() || o.mailOff.node.step.Uses.Target.HasExpr()) {
			by = o.mailOff
		}
		if by != nil && !otherwise(by.node, a.node) {
			o.report(MailOffline, s.Uses.Target.Span, "this goes by mail, which "+nameOf(by.node.place())+" has taken offline", "tell people by a way that does not depend on what is contained: another mail provider, a chat room, a phone").Related = []runbook.Related{{Span: by.node.place().span(), Message: "what took it offline"}}
		}
		return
	}
	if by != nil && !otherwise(by.node, a.node) {
		o.report(TargetOffline, s.Uses.Target.Span, "`"+target+"` is offline here: "+nameOf(by.node.place())+" took it away", "do this before, or by way of another system").Related = []runbook.Related{{Span: by.node.place().span(), Message: "what took it offline"}}
	}
}

var MessageBlocks = codes.Warning("IR0344", "a message whose failure stops containment",
	"A chat room that does not answer would keep the run from what it is for. Add `on_failure: continue`, or a `fallback` that a person can do.")

// blocked: a message that cannot be sent is no reason not to contain.
func (o *order) blocked(a *act) {
	if !a.spec.Has(action.TakesOffline) && !a.spec.Has(action.EndsSessions) && !a.spec.Has(action.LocksOut) {
		return
	}
	for m := o.untold; m != nil && !m.done; m = m.more {
		m.done = true
		if o.told[m.node] {
			continue
		}
		o.told[m.node] = true
		o.report(MessageBlocks, m.node.step.Uses.Action.Span, "if this message cannot be sent, the run stops before "+nameOf(a.node), "add `on_failure: continue`, or a `fallback` that a person can do")
	}
}

// place is the step of the runbook under check that a step belongs to.
func (n *node) place() *node {
	if n.caller != nil {
		return n.caller
	}
	return n
}

// otherwise reports whether two steps depend on conditions of their own, so
// that nobody can tell whether the second comes after the first.
func otherwise(first, second *node) bool {
	condition := first.place().condition()
	if condition == nil || second.condition() == nil {
		return false
	}
	for at := second; at != nil; at = at.parent() {
		if at == condition {
			return false
		}
	}
	return true
}

// condition is the innermost step, itself or around it, that decides whether a
// step runs; nil if it always does.
func (n *node) condition() *node {
	for at := n; at != nil; at = at.parent() {
		if at.step.When != nil || at != n && (at.step.Kind == runbook.KindIf || at.step.Kind == runbook.KindSwitch) {
			return at
		}
	}
	return nil
}
