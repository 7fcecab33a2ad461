package check

import (
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

var SamePasses = codes.Warning("IR0335", "passes of a loop that do the same thing at once",
	"With `max_parallel` several passes run at once. A step that does not depend on the loop's item does the same to the same system in each of them. Use the item, or move the step out of the loop.")

var _ = rules.step.add((*reviewer).passes)

// passes: passes of a loop that run at once and do the very same thing get in
// each other's way.
func (r *reviewer) passes(n *node) {
	if n.step.Kind != runbook.KindForEach || n.step.MaxParallel < 2 {
		return
	}
	name := LoopVariable(n.step)
	names := map[string]bool{name: true, name + "_index": true, name + "_key": true}
	if len(n.children) == 0 {
		return
	}
	for _, in := range n.children[0].steps {
		a := r.acts[in]
		if a == nil || !a.changes() || in.step.Uses.Target == nil || mentions(in.step.Uses, names) || in.step.When != nil {
			continue
		}
		r.report(SamePasses, in.step.Uses.Target.Span, "every pass does the same to `"+targetOf(in.step.Uses)+"`, several at once", "use `"+name+"` in the step, or move it out of the loop")
	}
}

// notInWord reports whether a character cannot stand in a name of an expression.
func notInWord(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// mentions reports whether a use depends on one of some names, or on what
// steps and variables hold, which may depend on them.
func mentions(u *runbook.Use, names map[string]bool) bool {
	for v := range (&runbook.Value{Items: []*runbook.Value{u.Target}, Pairs: u.With}).All() {
		if !v.HasExpr() {
			continue
		}
		for w := range strings.FieldsFuncSeq(v.Text, notInWord) {
			if names[w] || w == "steps" || w == "vars" {
				return true
			}
		}
	}
	return false
}
