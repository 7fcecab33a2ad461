package check

import (
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// rules are what the review asks. Each adds itself where it is declared, while
// the package's variables are initialised; afterwards nothing changes.
var rules struct {
	step    asked[func(*reviewer, *node)] // of one step at a time
	runbook asked[func(*reviewer)]        // of a runbook as a whole
}

// asked are rules of one kind.
type asked[rule any] struct{ all []rule }

func (a *asked[rule]) add(r rule) bool {
	a.all = append(a.all, r)
	return true
}

// reviewer holds what the rules know of a runbook.
type reviewer struct {
	*checker
	acts   map[*node]*act
	beyond bool // a single step is reported to outlast the objective
	looked int  // for placeholders: 0 not yet, 1 none is there, 2 some are
}

// act is an action's use by a step.
type act struct {
	node   *node
	spec   action.Spec
	effect action.Effect
}

// changes reports whether the act does something to a system that somebody may
// want to be asked about or to have back.
func (a *act) changes() bool {
	return a.effect != action.Read && !a.spec.Has(action.OnlyAdds)
}

var TooMuchToReview = codes.Warning("IR0399", "too many warnings",
	"The list of warnings was cut off. Correct the first ones; the rest often goes with them.")

// review finds what somebody with experience would raise about a runbook that
// can run: warnings, and an error where an environment leaves no doubt. An author who knows better says so in a
// comment, see ignore.go. No rule costs more than the runbook is long, so that
// a file which is made to cost much does not.
func (c *checker) review() {
	r := &reviewer{checker: c, acts: make(map[*node]*act, len(c.order))}
	for _, n := range c.order {
		if n.step.Kind != runbook.KindUses || n.step.Uses == nil {
			continue
		}
		if spec, ok := c.deps.Spec(n.step.Uses.Action.Value); ok {
			r.acts[n] = &act{n, spec, effectOf(n.step.Uses, spec)}
		}
	}
	c.most, c.more = len(c.found)+maxFindings, false
	for _, n := range c.order {
		for _, rule := range rules.step.all {
			rule(r, n)
		}
	}
	for _, rule := range rules.runbook.all {
		rule(r)
	}
	if c.more {
		c.found = append(c.found, TooMuchToReview.At(c.found[len(c.found)-1].Span, "more warnings are not shown", "correct these first"))
	}
	c.most = len(c.found) + maxFindings
	c.ignore()
}

// effectOf is the effect of one use of an action: some only read with certain
// inputs.
func effectOf(u *runbook.Use, spec action.Spec) action.Effect {
	return spec.EffectWith(u.Text(spec.ReadIf.Input))
}

// up calls f for a step and the steps around it, innermost first, until f
// returns true, and reports whether it did.
func (n *node) up(f func(*runbook.Step) bool) bool {
	for at := n; at != nil; at = at.parent() {
		if f(at.step) {
			return true
		}
	}
	return false
}

// nameOf is how a message calls a step.
func nameOf(n *node) string { return "`" + n.step.ID.Value + "`" }

// at is where a finding about a step as a whole is shown.
func (n *node) span() runbook.Span {
	if n.step.ID.Given() {
		return n.step.ID.Span
	}
	return n.step.KindKey.Span
}

// targetOf is the text of a use's target, "" for none.
func targetOf(u *runbook.Use) string {
	if u == nil || u.Target == nil {
		return ""
	}
	return u.Target.Text
}

// always reports whether a condition is written so that it never changes, and
// what it is then.
func always(v *runbook.Value) (value, constant bool) {
	if v == nil {
		return false, false
	}
	if v.Kind == runbook.BoolValue {
		return v.Bool, true
	}
	text, _, problem := expr.Bare(v.Text)
	if problem != nil {
		return false, false
	}
	text = strings.TrimSpace(text)
	return text == "true", text == "true" || text == "false"
}
