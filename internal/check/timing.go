package check

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// duration checks a value that is a duration longer than nothing.
func (c *checker) duration(v *runbook.Value, at scope, what string) {
	if v.HasExpr() {
		c.template(v, at, expr.Duration)
		return
	}
	c.plainDuration(v, what)
}

var BadDuration = codes.Error("IR0219", "a duration is not longer than nothing",
	"A limit of zero would end everything at once. Write a number with a unit: 90s, 15m, 2h30m.")

// plainDuration checks a duration that cannot be computed.
func (c *checker) plainDuration(v *runbook.Value, what string) {
	switch d := literalDuration(v); {
	case v == nil:
	case v.HasExpr():
		c.report(BadDuration, v.Span, "`"+what+"` cannot be computed", "write a number with a unit, such as `4h`")
	case d <= 0:
		c.report(BadDuration, v.Span, "`"+what+"` must be longer than nothing", "write a number with a unit, such as `90s`, `15m` or `2h30m`")
	}
}

var BadRetry = codes.Error("IR0220", "retry is not valid",
	"attempts is a number from 1 to 100, and max_delay at least delay. Correct the value.")

func (c *checker) retry(n *node) {
	r := n.step.Retry
	if r == nil {
		return
	}
	at := scope{c: c, at: n, self: true, retry: true}
	if r.Attempts != nil && (r.Attempts.Kind != runbook.IntValue || r.Attempts.Int < 1 || r.Attempts.Int > 100) {
		c.report(BadRetry, r.Attempts.Span, "`attempts` must be a number from 1 to 100", "it counts the first try too")
	}
	c.duration(r.Delay, at, "delay")
	c.duration(r.MaxDelay, at, "max_delay")
	if delay, most := literalDuration(r.Delay), literalDuration(r.MaxDelay); most > 0 && delay > most {
		c.report(BadRetry, r.MaxDelay.Span, "`max_delay` is shorter than `delay`", "swap them, or remove `max_delay`")
	}
	c.condition(r.When, at)
}

func literalDuration(v *runbook.Value) time.Duration {
	if v == nil {
		return 0
	}
	d, _ := time.ParseDuration(v.Text)
	return d
}

var BadApproval = codes.Error("IR0221", "an approval cannot be given",
	"need is a number of persons, at least 1, and a role is a name that the environment gives to people. Whoever is reminded or asked besides must be so before the time is up. Write for example need: 2.")

// approval checks who must agree.
func (c *checker) approval(a *runbook.Approval, at scope) {
	if a == nil {
		return
	}
	if a.Need != nil && (a.Need.Kind != runbook.IntValue || a.Need.Int < 1 || a.Need.Int > 100) {
		c.report(BadApproval, a.Need.Span, "`need` must be a number of persons, at least 1", "write for example `need: 2`")
	}
	for _, role := range a.Roles {
		if strings.Contains(role.Value, "${{") {
			c.report(BadApproval, role.Span, "a role cannot be computed", "write the name of the role; who holds it stands in the environment")
		}
	}
	c.duration(a.Within, at, "within")
	c.duration(a.Remind, at, "remind")
	c.expiry(a, at)
}

// expiry checks what follows if nobody answers.
func (c *checker) expiry(a *runbook.Approval, at scope) {
	expires, within := a.OnExpiry, a.Within
	var after *runbook.Value
	if e := a.Escalate; e != nil {
		after = e.After
		c.duration(after, at, "after")
		for _, role := range e.To {
			if strings.Contains(role.Value, "${{") {
				c.report(BadApproval, role.Span, "a role cannot be computed", "write the name of the role; who holds it stands in the environment")
			}
		}
		if after == nil && expires.Value != "escalate" {
			c.report(BadApproval, e.Span, "nothing says when others are asked", "add `after: 10m`, or `on_expiry: escalate`")
		}
	}
	switch most := literalDuration(within); {
	case expires.Given() && within == nil:
		c.report(BadApproval, expires.Span, "it never expires", "add `within: 15m`, or remove `on_expiry`")
	case expires.Value == "escalate" && a.Escalate == nil:
		c.report(BadApproval, expires.Span, "nothing says who is asked then", "add `escalate: {to: [deputy]}` with their roles")
	case most > 0 && literalDuration(after) >= most && expires.Value != "escalate":
		c.report(BadApproval, after.Span, "it has expired by then", "shorten `after`, or write `on_expiry: escalate`")
	case most > 0 && literalDuration(a.Remind) >= most:
		c.report(BadApproval, a.Remind.Span, "it has expired by then", "shorten `remind`")
	}
}

var BadWait = codes.Error("IR0229", "wait is not valid",
	"A step waits for a duration, until a time, or until a condition holds. Write wait: 10m, wait: {until: TIME} or wait: {until: ${{ condition }}, every: 30s}; beside uses, a target is asked until it says yes or the condition holds.")

func (c *checker) wait(n *node, at scope) {
	w := n.step.Wait
	if w == nil {
		return
	}
	c.duration(w.For, at, "for")
	if n.step.Verify != nil {
		spec, known := c.use(n.step.Verify, at)
		reads := effectOf(n.step.Verify, spec) == action.Read
		switch place := n.step.Verify.Action.Span; {
		case !known || reads:
		case w.Until != nil:
			c.report(VerifyChanges, place, "`"+spec.Name+"` changes something, so it has no answer that a condition could read", "remove `until`: then it only looks whether it is so already; or use an action that only reads")
		case !c.deps.Inspects(spec.Name):
			c.report(CannotInspect, place, "`"+spec.Name+"` changes something, and cannot look whether it is so already", "use an action that only reads, for example `http` with method GET or `assert`")
		}
		at.self = true
	}
	condition := c.until(n, at)
	switch {
	case n.step.Verify != nil && w.Until != nil && !condition:
		c.report(BadWait, w.Until.Span, "a target is asked until a condition holds, not until a time", "write the most to wait after `for`, and a condition after `until`")
	case w.Every != nil && w.Until != nil && !condition:
		c.report(BadWait, w.Every.Span, "`every` goes with a condition in `until`", "remove `every`")
	case w.For != nil && w.Until != nil && !condition:
		c.report(BadWait, w.For.Span, "a step waits for a duration or until a time, not both", "remove one of them")
	}
	c.duration(w.Every, at, "every")
}

// until checks what a step waits for, and reports whether it is a condition.
func (c *checker) until(n *node, at scope) bool {
	v := n.step.Wait.Until
	if v == nil {
		return false
	}
	if _, err := time.Parse(time.RFC3339, v.Text); err == nil {
		c.facts.Timed[n.step] = true
		return false
	}
	text, shift, problem := expr.Bare(v.Text)
	if problem != nil {
		c.problems(v, 0, []expr.Problem{*problem})
		return true
	}
	p, problems := c.exprs.Compile(text, at, expr.Type{})
	c.problems(v, shift, problems)
	if p == nil {
		return true
	}
	switch p.Type().Of {
	case action.Time, action.String:
		c.facts.Timed[n.step] = true
		return false
	case action.Bool, action.Any:
		return true
	}
	c.report(BadWait, v.Place(shift, shift+len(text)), "`until` must be a time or a condition, but this is "+p.Type().String(), "compare it with something")
	return true
}
