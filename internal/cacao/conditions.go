package cacao

import (
	"cmp"

	"github.com/irctl/irctl/internal/cacao/stix"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

var UntypedCompare = codes.Error("IR0725", "comparison of different types",
	"What a variable is compared with must fit the variable's type; `<` and its like need numbers or texts.")

// condition checks the condition of an if or while step where it stands.
func (c *checker) condition(s *Step, in *scope, told map[runbook.Span]bool) {
	if s.Condition == nil || told[s.Condition.Span] {
		return
	}
	for _, p := range conditionProblems(s.Condition.Text, in) {
		told[s.Condition.Span] = true
		code := map[stix.Reason]*finding.Code{stix.Undeclared: UndefinedVar, stix.Mismatch: UntypedCompare}[p.Reason]
		c.report(cmp.Or(code, BadCondition), s.Condition.Place(p.Start, p.End), p.Hint, "%s", p.Message)
	}
}

// conditionProblems are what keeps a condition from being an expression.
func conditionProblems(text string, in *scope) []*stix.Problem {
	out, problems := stix.Translate(text, func(name stix.Operand) (stix.Known, *stix.Problem) {
		v, _ := in.Lookup(name.Text)
		if v == nil {
			return stix.Known{}, &stix.Problem{Start: name.Start, End: name.End, Message: "the variable " + short(name.Text) + " is not declared", Hint: meantVariable(name.Text, in), Reason: stix.Undeclared}
		}
		return stix.Known{Expr: "known(vars.x)", Given: "vars.x", Type: v.Type.Value}, nil
	})
	if len(problems) > 0 {
		return problems
	}
	if _, err := expr.Dynamic(out); err != nil {
		problems = append(problems, &stix.Problem{End: len(text), Message: "the condition is too long", Hint: "split it over several steps"})
	}
	return problems
}
