package check

import (
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// What several rules ask about a step.

// undoes reports whether an action can put back what it did by itself.
func (c *checker) undoes(spec action.Spec) bool {
	return spec.Effect != action.Irreversible && c.deps.Undoes(spec.Name)
}

// dangerous reports whether a change is one that a person should have agreed
// to: it takes something offline, or nobody can take it back.
func (r *reviewer) dangerous(a *act) bool { return a.spec.Has(action.TakesOffline) || r.final(a) }

// final reports whether nobody can take an act back.
func (r *reviewer) final(a *act) bool {
	return a.changes() && a.node.step.Undo == nil && (a.effect == action.Irreversible || a.node.step.Irreversible.Given())
}

// looks reports whether a step looks at what came of it.
func looks(s *runbook.Step) bool { return s.VerifySelf || s.Verify != nil }

// limited reports whether a time limit ends a step, its own or one around it.
func limited(n *node) bool {
	return n.up(func(s *runbook.Step) bool { return s.Timeout != nil })
}

func sameInputs(a, b []runbook.Pair) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Key.Value != b[i].Key.Value || !sameValue(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}

func sameValue(a, b *runbook.Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		if !sameValue(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return sameInputs(a.Pairs, b.Pairs)
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
