package fitting

import (
	"fmt"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// Needs is what a plan asks of an environment and of the machine that runs it,
// for people; each list is sorted.
type Needs struct {
	Targets []NeededTarget `json:"targets"`
	// Named are targets whose names are worked out, as the plan has them.
	Named    []string `json:"named_by_expressions"`
	Values   []string `json:"values"`
	Roles    []string `json:"roles"`
	Programs []string `json:"programs"` // of steps that run a command here
	Files    []string `json:"files"`    // and folders that steps name, as the plan has them
}

// NeededTarget is a target with what is done to it.
type NeededTarget struct {
	Name    string   `json:"name"`
	Types   []string `json:"types"` // that suit every action
	Actions []string `json:"actions"`
}

// NeedsOf lists what a plan needs, whichever way it goes.
func NeedsOf(p *plan.Plan, spec func(name string) (action.Spec, bool)) Needs {
	targets, named, roles, programs, files := map[string]*NeededTarget{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, n := range p.Nodes {
		if n.Approval != nil {
			for _, role := range slices.Concat(n.Approval.Roles, n.Approval.EscalateTo) {
				roles[role] = true
			}
		}
		for _, use := range []*plan.Use{n.Action, n.Verify, n.Undo} {
			if use == nil {
				continue
			}
			s, _ := spec(use.Action)
			for _, a := range use.With {
				if slices.Contains([]string{"dir", "path", "files"}, a.Name) { // of exec, file.write and evidence.collect
					list, several := a.Value.Raw.([]any)
					if !several {
						list = []any{a.Value.Raw}
					}
					for _, name := range list {
						files[fmt.Sprint(name)] = true
					}
				}
			}
			switch {
			case use.TargetExpr.Given:
				named[fmt.Sprint(use.TargetExpr.Raw)] = true
			case use.Target == "":
				for _, a := range use.With {
					if list, ok := a.Value.Raw.([]any); ok && a.Name == "argv" && len(list) > 0 {
						programs[fmt.Sprint(list[0])] = true
					}
				}
			case targets[use.Target] == nil:
				targets[use.Target] = &NeededTarget{use.Target, typesOf(s), []string{use.Action}}
			case !slices.Contains(targets[use.Target].Actions, use.Action):
				t := targets[use.Target]
				t.Actions = append(t.Actions, use.Action)
				t.Types = slices.DeleteFunc(t.Types, func(name string) bool { return !slices.Contains(typesOf(s), name) })
			}
		}
	}
	keys := func(m map[string]bool) []string { return append([]string{}, slices.Sorted(maps.Keys(m))...) }
	out := Needs{Named: keys(named), Values: append([]string{}, compile.EnvNames(p)...), Roles: keys(roles), Programs: keys(programs), Files: keys(files)}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		out.Targets = append(out.Targets, *targets[name])
	}
	return out
}
