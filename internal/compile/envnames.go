package compile

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
)

// EnvNames lists the environment's values that the plan's expressions ask for
// (env.NAME), sorted. Which of them an environment has is known only once
// there is one: just before a run.
func EnvNames(p *plan.Plan) ([]string, error) {
	encoded, err := p.Encode()
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	envInTemplates(tree, names)
	for _, n := range p.Nodes {
		envIn(string(n.When), names)
		envIn(string(n.Condition), names)
		if n.Retry != nil {
			envIn(string(n.Retry.When), names)
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// envInTemplates finds the names inside the ${{ }} of every text.
func envInTemplates(v any, names map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			envInTemplates(e, names)
		}
	case []any:
		for _, e := range v {
			envInTemplates(e, names)
		}
	case string:
		parts, problem := expr.ParseTemplate(v)
		if problem != nil {
			return
		}
		for _, part := range parts {
			if part.IsExpr {
				envIn(part.Expr, names)
			}
		}
	}
}

func envIn(text string, names map[string]bool) {
	if !strings.Contains(text, "env.") {
		return
	}
	program, err := expr.Dynamic(text)
	if err != nil {
		return
	}
	for _, r := range program.References() {
		if name, ok := strings.CutPrefix(r.Name, "env."); ok {
			names[name] = true
		}
	}
}
