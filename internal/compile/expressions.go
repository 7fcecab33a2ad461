package compile

import (
	"maps"
	"reflect"
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
func EnvNames(p *plan.Plan) []string {
	return namesIn(p, "env.")
}

// Selectors lists the targets that the plan's expressions mean (targets('...')),
// sorted.
func Selectors(p *plan.Plan) []string { return namesIn(p, "targets.") }

// Names lists what the plan's expressions ask for, such as steps.NAME.status,
// sorted.
func Names(p *plan.Plan) []string { return namesIn(p, "") }

// namesIn are the names with a beginning, without it.
func namesIn(p *plan.Plan, beginning string) []string {
	names := map[string]bool{}
	eachExpr(p, func(text string) {
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
	return slices.Sorted(maps.Keys(names))
}

// Unknown says what in a plan of another irctl this one does not know, by the
// actions that it has: an action, an input, what an expression asks for. It is
// "" if there is nothing of the kind.
func Unknown(p *plan.Plan, specs func(name string) (action.Spec, bool)) string {
	for i := range p.Nodes {
		n := &p.Nodes[i]
		for _, use := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if use == nil {
				continue
			}
			spec, ok := specs(use.Action)
			if !ok {
				return "the action " + use.Action
			}
			for _, a := range use.With {
				if !slices.ContainsFunc(spec.Inputs, func(f action.Field) bool { return f.Name == a.Name }) {
					return "the input " + a.Name + " of " + use.Action
				}
			}
		}
	}
	var unknown string
	eachExpr(p, func(text string) {
		if _, err := expr.Dynamic(text); err != nil && unknown == "" {
			unknown = "the expression `" + action.CleanLine(text, 80) + "`"
		}
	})
	return unknown
}

// eachExpr gives every expression of a plan.
func eachExpr(p *plan.Plan, visit func(text string)) {
	textsIn(reflect.ValueOf(p).Elem(), func(text string) { inTemplates(text, visit) })
	for i := range p.Nodes {
		n := &p.Nodes[i]
		given := [3]plan.Expr{n.When, n.Condition}
		if n.Retry != nil {
			given[2] = n.Retry.When
		}
		for _, text := range given {
			if text != "" {
				visit(string(text))
			}
		}
	}
}

// textsIn gives every text in a plan, wherever it stands.
func textsIn(v reflect.Value, visit func(text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			textsIn(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			textsIn(v.Index(i), visit)
		}
	case reflect.Struct:
		if value, is := reflect.TypeAssert[plan.Value](v); is {
			data.Any(value.Raw, func(v any) bool {
				if text, is := v.(string); is {
					visit(text)
				}
				return false
			})
			return
		}
		for i := range v.NumField() {
			textsIn(v.Field(i), visit)
		}
	}
}

// inTemplates gives what stands inside the ${{ }} of a text.
func inTemplates(text string, visit func(text string)) {
	if !strings.Contains(text, "${{") {
		return
	}
	parts, _ := expr.ParseTemplate(text)
	for _, part := range parts {
		if part.IsExpr {
			visit(part.Expr)
		}
	}
}
