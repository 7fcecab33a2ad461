package cacao

import (
	"errors"

	"github.com/irctl/irctl/internal/cacao/stix"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/runbook"
)

// condition checks the condition of an if or while step where it stands.
func (c *checker) condition(s *Step, in *scope, told map[runbook.Span]bool) {
	if s.Condition == nil || told[s.Condition.Span] {
		return
	}
	for _, p := range conditionProblems(s.Condition.Text, in) {
		told[s.Condition.Span] = true
		code := BadCondition
		switch {
		case errors.Is(p.cause, errUndeclared):
			code = UndefinedVar
		case p.Type:
			code = UntypedCompare
		}
		c.report(code, s.Condition.Place(p.Start, p.End), p.Hint, "%s", p.Message)
	}
}

var errUndeclared = errors.New("not declared")

// conditionProblem is a problem of a condition, of its grammar or of its
// variables.
type conditionProblem struct {
	*stix.Problem
	cause error
}

// conditionProblems are what keeps a condition from being an expression.
func conditionProblems(text string, in *scope) []conditionProblem {
	node, problem := stix.Parse(text)
	if problem != nil {
		return []conditionProblem{{problem, nil}}
	}
	undeclared := map[*stix.Problem]bool{}
	out, found := stix.Translate(node, func(name stix.Operand) (stix.Known, *stix.Problem) {
		v, _ := in.lookup(name.Text)
		if v == nil {
			p := &stix.Problem{Start: name.Start, End: name.End, Message: "the variable " + short(name.Text) + " is not declared", Hint: meantVariable(name.Text, in)}
			undeclared[p] = true
			return stix.Known{}, p
		}
		path := "vars." + plainName(name.Text)
		return stix.Known{Expr: "known(" + path + ")", Given: path, Type: v.Type.Value}, nil
	})
	var problems []conditionProblem
	for _, p := range found {
		one := conditionProblem{p, nil}
		if undeclared[p] {
			one.cause = errUndeclared
		}
		problems = append(problems, one)
	}
	if len(problems) == 0 {
		if _, err := expr.Dynamic(out); err != nil {
			problems = append(problems, conditionProblem{&stix.Problem{End: len(text), Message: "the condition is too long", Hint: "split it over several steps"}, nil})
		}
	}
	return problems
}
