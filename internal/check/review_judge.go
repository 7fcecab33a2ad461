package check

import (
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// judge reports what is wrong with an act at its place in the order.
func (o *order) judge(a *act) {
	o.consent(a)
	o.reach(a)
	o.blocked(a)
	if a.spec.Has(action.KeepsEvidence) && !o.kept && o.lost != nil {
		o.warn(EvidenceLate, a.node.step.Uses.Action.Span, "evidence is kept only after "+nameOf(o.lost.node)+" has ended what it would show", "keep evidence before anything is ended or replaced")
	}
}

// consent: somebody agrees to what nobody can take back, and not only the one
// who wants it.
func (o *order) consent(a *act) {
	s := a.node.step
	if o.agreed == nil {
		if o.final(a) {
			o.warn(NoApproval, s.Uses.Action.Span, "`"+a.spec.Name+"` cannot be taken back, and nobody is asked before", "add `approval:` to the step, or an `approve` step before it")
		}
		return
	}
	if o.others || !o.dangerous(a) || a.spec.Has(action.TellsPeople) || o.asked[o.agreed.approval] {
		return
	}
	o.asked[o.agreed.approval] = true
	o.warn(OwnApproval, o.agreed.at, "whoever starts the run could agree to "+nameOf(a.node)+" alone", "add `not_requester: true` or `need: 2`; if one person may decide, say so with `not_requester: false`")
}

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
			o.warn(MailOffline, s.Uses.Target.Span, "this goes by mail, which "+nameOf(by.node.place())+" has taken offline", "tell people by a way that does not depend on what is contained: another mail provider, a chat room, a phone")
		}
		return
	}
	if by != nil && !otherwise(by.node, a.node) {
		o.warn(TargetOffline, s.Uses.Target.Span, "`"+target+"` is offline here: "+nameOf(by.node.place())+" took it away", "do this before, or by way of another system")
	}
}

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
		o.warn(MessageBlocks, m.node.step.Uses.Action.Span, "if this message cannot be sent, the run stops before "+nameOf(a.node), "add `on_failure: continue`, or a `fallback` that a person can do")
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
