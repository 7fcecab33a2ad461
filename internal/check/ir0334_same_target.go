package check

import (
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var SameTarget = codes.Warning("IR0334", "parallel branches that change the same system",
	"Branches run at once, in no order. Two that change one system leave it as whichever came last. The same action with different inputs is not reported, nor what only goes through the system, such as two messages.")

var _ = rules.step.add((*reviewer).branches)

// branches: two branches that change one system at the same time leave it as
// whichever comes last.
func (r *reviewer) branches(n *node) {
	if n.step.Kind != runbook.KindParallel {
		return
	}
	type first struct {
		branch int
		act    *act
	}
	seen := map[string]first{}
	for branch, b := range n.branches() {
		for _, root := range b.steps {
			for _, in := range r.order[root.index:root.end] {
				a := r.acts[in]
				if a == nil || !a.changes() || a.spec.Has(action.ThroughService) {
					continue
				}
				target := targetOf(in.step.Uses)
				if target == "" {
					continue
				}
				one, known := seen[target]
				if !known {
					seen[target] = first{branch, a}
					continue
				}
				if one.branch != branch && !apart(one.act, a) {
					r.report(SameTarget, in.step.Uses.Target.Span, "`"+target+"` is changed by "+nameOf(one.act.node)+" at the same time", "run them one after another").Related = []runbook.Related{{Span: one.act.node.span(), Message: "the other step"}}
				}
			}
		}
	}
}

// apart reports whether two acts on one system act on different things there:
// the same action with different inputs.
func apart(a, b *act) bool {
	return a.spec.Name == b.spec.Name && !sameInputs(a.node.step.Uses.With, b.node.step.Uses.With)
}
