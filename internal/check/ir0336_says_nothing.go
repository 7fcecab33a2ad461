package check

import "github.com/irctl/irctl/pkg/runbook"

var SaysNothing = codes.Warning("IR0336", "a value that says nothing",
	"A list without entries, or null, is given where a step needs to know of whom, where or what: it does nothing, or something else than is meant. Write the entries, or leave the key out.")

var _ = rules.step.add((*reviewer).saysNothing)

// saysNothing: a loop over nothing and a message to nobody succeed.
func (r *reviewer) saysNothing(n *node) {
	s := n.step
	if v := s.ForEach; v != nil && v.Kind != runbook.StringValue && len(v.Items)+len(v.Pairs) == 0 {
		r.report(SaysNothing, v.Span, "the loop goes through nothing, so its steps never run", "write what it goes through, or remove the loop")
	}
	r.saysNothingIn(s.With)
	for _, u := range []*runbook.Use{s.Uses, s.Verify, s.Undo} {
		if u != nil {
			r.saysNothingIn(u.With)
		}
	}
}

func (r *reviewer) saysNothingIn(given []runbook.Pair) {
	for _, p := range given {
		switch {
		case p.Value == nil || p.Value.Kind == runbook.Null:
			r.report(SaysNothing, p.Key.Span, "`"+p.Key.Value+"` is given without a value, which is as if it were not there", "give it a value, or remove the line")
		case p.Value.Kind == runbook.ListValue && len(p.Value.Items) == 0:
			r.report(SaysNothing, p.Value.Span, "`"+p.Key.Value+"` is a list without entries", "write the entries, or remove the line")
		}
	}
}
