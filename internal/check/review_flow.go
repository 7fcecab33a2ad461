package check

import (
	"strings"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var ConstantCondition = codes.Warning("IR0331", "a condition that never changes",
	"Steps behind it never run, or always do. Most often it was written to try something out.")

var _ = rules.step.add((*reviewer).constant)

// constant: a condition that never changes hides steps, or asks nothing.
func (r *reviewer) constant(n *node) {
	s := n.step
	if value, constant := always(s.When); constant && !value {
		r.report(ConstantCondition, s.When.Span, "this is never true, so the step never runs", "remove the step, or write the condition that is meant")
	}
	if value, constant := always(s.If); constant {
		word, never := "never", "then"
		if value {
			word, never = "always", "else"
		}
		r.report(ConstantCondition, s.If.Span, "this is "+word+" true, so nothing is decided and `"+never+"` never runs", "write the condition that is meant, or keep the steps that run")
	}
	if value, constant := always(s.While); constant && !value {
		r.report(ConstantCondition, s.While.Span, "this is never true, so the loop never runs", "remove the loop, or write the condition that is meant")
	}
}

// limited reports whether a time limit ends a step, its own or one around it.
func limited(n *node) bool {
	return n.up(func(s *runbook.Step) bool { return s.Timeout != nil })
}

var LoopLimit = codes.Warning("IR0332", "a loop without a bound",
	"If the condition stays true, the loop goes on for ever. Add `max_iterations`, or `timeout` on the loop or a step around it.")

var _ = rules.step.add((*reviewer).loopLimit)

// loopLimit: a condition that never comes true keeps a loop going.
func (r *reviewer) loopLimit(n *node) {
	s := n.step
	if value, constant := always(s.While); s.Kind == runbook.KindWhile && s.MaxIterations == 0 && !limited(n) && (value || !constant) {
		r.report(LoopLimit, s.KindKey.Span, "nothing ends this loop if its condition stays true", "add `max_iterations` or `timeout`")
	}
}

var JumpLimit = codes.Warning("IR0333", "a jump back that nothing ends",
	"A jump back is a loop. Without a person in it or a `timeout` around it, it may go on for ever. Use `while` with `max_iterations`, put the steps into a `steps` step with `timeout`, or ask a person on the way.")

var _ = rules.runbook.add((*reviewer).jumpsBack)

// jumpsBack: a jump back is a loop, which a person or a limit must end.
func (r *reviewer) jumpsBack() {
	asked := make([]int, len(r.order)+1) // how many of the first steps ask a person something
	for i, n := range r.order {
		asked[i+1] = asked[i]
		if n.step.Kind == runbook.KindManual || n.step.Kind == runbook.KindApprove || n.step.Approval != nil {
			asked[i+1]++
		}
	}
	for _, n := range r.order {
		jumpsOf(n.step, func(to runbook.Text) {
			first := r.byID[to.Value]
			if first == nil || first.block != n.block || first.pos > n.pos || n.parent() != nil && limited(n.parent()) {
				return
			}
			if asked[n.end] > asked[first.index] {
				return
			}
			r.report(JumpLimit, to.Span, "nothing ends the loop from here back to `"+to.Value+"`", "use `while` with `max_iterations`, or put the steps into a step with `timeout`")
		})
	}
}

var Unreachable = codes.Warning("IR0330", "a step that is never reached",
	"The step before it always ends the run or goes on elsewhere, also when it is skipped, and no jump leads here. Most often `when` is missing on that step.")

var _ = rules.runbook.add((*reviewer).unreachable)

// unreachable finds the first step of each stretch that no way leads to.
func (r *reviewer) unreachable() {
	r.blocks(r.main, func(b *block) {
		reached := reachable(b)
		for i, n := range b.steps {
			if reached[i] || i > 0 && !reached[i-1] {
				continue
			}
			before := b.steps[i-1] // the first step is always reached
			why := nameOf(before) + " always ends the run"
			if !ends(before) {
				why = nameOf(before) + " always goes on at `" + before.step.Next.Value + "`"
			}
			r.report(Unreachable, n.span(), "this step is never reached: "+why, "remove it, or let a step lead here").Related = []runbook.Related{{Span: before.span(), Message: "the step before"}}
		}
	})
}

// blocks calls f for a block and everything inside.
func (r *reviewer) blocks(b *block, f func(*block)) {
	f(b)
	for _, n := range b.steps {
		for _, child := range n.children {
			r.blocks(child, f)
		}
	}
}

func reachable(b *block) []bool {
	reached, open := make([]bool, len(b.steps)), []int{0}
	visit := func(i int) {
		if i < len(reached) && !reached[i] {
			reached[i] = true
			open = append(open, i)
		}
	}
	if len(reached) > 0 {
		reached[0] = true
	}
	for len(open) > 0 && len(reached) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		s := b.steps[i].step
		if ends(b.steps[i]) {
			continue
		}
		if to, ok := b.goesOn(s.Next); ok {
			visit(to)
		} else {
			visit(i + 1)
		}
		if s.OnFailure != nil {
			if to, ok := b.goesOn(s.OnFailure.Next); ok {
				visit(to)
			}
		}
	}
	return reached
}

// ends reports whether a run that comes to a step never goes on behind it. A
// step that may fail and be left behind does not end anything.
func ends(n *node) bool {
	s := n.step
	if s.When != nil || s.OnFailure != nil {
		return false
	}
	switch s.Kind {
	case runbook.KindStop:
		return true
	case runbook.KindIf:
		return len(n.children) == 2 && endsBlock(n.children[0]) && endsBlock(n.children[1])
	case runbook.KindSwitch:
		if !s.DefaultKey.Given() {
			return false
		}
		for _, child := range n.children {
			if !endsBlock(child) {
				return false
			}
		}
		return true
	case runbook.KindSteps:
		return len(n.children) == 1 && endsBlock(n.children[0])
	}
	return false
}

// endsBlock reports whether no way leads to the end of a block. Only blocks
// without jumps are judged.
func endsBlock(b *block) bool {
	for _, n := range b.steps {
		if n.step.Next.Given() || n.step.OnFailure != nil && n.step.OnFailure.Next.Given() {
			return false
		}
		if ends(n) {
			return true
		}
	}
	return false
}

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
	for branch, b := range n.children {
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
	var inside func(v *runbook.Value) bool
	inside = func(v *runbook.Value) bool {
		if v == nil {
			return false
		}
		if v.HasExpr() {
			for w := range strings.FieldsFuncSeq(v.Text, notInWord) {
				if names[w] || w == "steps" || w == "vars" {
					return true
				}
			}
		}
		for _, item := range v.Items {
			if inside(item) {
				return true
			}
		}
		for _, p := range v.Pairs {
			if inside(p.Value) {
				return true
			}
		}
		return false
	}
	if inside(u.Target) {
		return true
	}
	for _, p := range u.With {
		if inside(p.Value) {
			return true
		}
	}
	return false
}
