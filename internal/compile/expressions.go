package compile

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// EnvNames lists the environment's values that the plan's expressions ask for
// (env.NAME), sorted. Which of them an environment has is known only once
// there is one: just before a run.
func EnvNames(p *plan.Plan) ([]string, error) {
	return namesIn(p, "env.")
}

// Selectors lists the targets that the plan's expressions mean (targets('...')),
// sorted.
func Selectors(p *plan.Plan) ([]string, error) { return namesIn(p, "targets.") }

// Names lists what the plan's expressions ask for, such as steps.NAME.status,
// sorted.
func Names(p *plan.Plan) ([]string, error) { return namesIn(p, "") }

// namesIn are the names with a beginning, without it.
func namesIn(p *plan.Plan, beginning string) ([]string, error) {
	names := map[string]bool{}
	err := eachExpr(p, func(text string) {
		if root, _, _ := strings.Cut(beginning, "."); !strings.Contains(text, root) {
			return
		}
		program, err := expr.Dynamic(text)
		if err != nil {
			return
		}
		for _, r := range program.References() {
			if name, ok := strings.CutPrefix(r.Name, beginning); ok {
				names[name] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(names)), err
}

// Unknown says what in a plan of another irctl this one does not know, by the
// actions that it has: an action, an input, what an expression asks for. It is
// "" if there is nothing of the kind.
func Unknown(p *plan.Plan, specs func(name string) (action.Spec, bool)) (string, error) {
	for i := range p.Nodes {
		n := &p.Nodes[i]
		for _, use := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if use == nil {
				continue
			}
			spec, ok := specs(use.Action)
			if !ok {
				return "the action " + use.Action, nil
			}
			for _, a := range use.With {
				if !slices.ContainsFunc(spec.Inputs, func(f action.Field) bool { return f.Name == a.Name }) {
					return "the input " + a.Name + " of " + use.Action, nil
				}
			}
		}
	}
	var unknown string
	err := eachExpr(p, func(text string) {
		if _, err := expr.Dynamic(text); err != nil && unknown == "" {
			unknown = "the expression `" + action.CleanLine(text, 80) + "`"
		}
	})
	return unknown, err
}

// eachExpr gives every expression of a plan.
func eachExpr(p *plan.Plan, visit func(text string)) error {
	encoded, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if bytes.Contains(encoded, []byte("${{")) {
		var tree any
		if err := json.Unmarshal(encoded, &tree); err != nil {
			return err
		}
		inTemplates(tree, visit)
	}
	for _, n := range p.Nodes {
		texts := []plan.Expr{n.When, n.Condition}
		if n.Retry != nil {
			texts = append(texts, n.Retry.When)
		}
		for _, text := range texts {
			if text != "" {
				visit(string(text))
			}
		}
	}
	return nil
}

// inTemplates gives what stands inside the ${{ }} of every text.
func inTemplates(v any, visit func(text string)) {
	data.Any(v, func(v any) bool {
		text, _ := v.(string)
		parts, _ := expr.ParseTemplate(text)
		for _, part := range parts {
			if part.IsExpr {
				visit(part.Expr)
			}
		}
		return false
	})
}
