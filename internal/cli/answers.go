package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// typed checks a person's answers against what a step declares. The rules are
// those of a run's inputs.
func typed(path string, fields []plan.Field, given map[string]string) (event.Values, error) {
	given = maps.Clone(given)
	for _, f := range fields { // the empty text is an answer only where none is needed
		if f.Required && strings.TrimSpace(given[f.Name]) == "" {
			delete(given, f.Name)
		}
	}
	values, _, problems := compile.Inputs(&plan.Plan{Inputs: fields}, given)
	for i := range problems {
		if problems[i].Message == compile.NotAnInput {
			problems[i].Message = "is not asked for"
			problems[i].Hint = strings.Replace(problems[i].Hint, "there are no inputs", "the step asks for no answers", 1)
		}
	}
	if len(problems) == 0 {
		return values, nil
	}
	p := &problem{exit: ExitInvalid, what: "the answers to step " + path + " are not complete or not right" + listProblems(problems)}
	return nil, p.meaning("Nothing was recorded; the step goes on waiting.").with("give each answer as --set NAME=VALUE")
}

// listProblems writes what is wrong with given values, one to a line.
func listProblems(problems []compile.Problem) string {
	var b strings.Builder
	for _, one := range problems {
		b.WriteString("\n- " + one.Error())
	}
	return b.String()
}

// optional returns the fields with none required: when a person takes over
// from an action, what the action would have returned may not be known.
func optional(fields []plan.Field) []plan.Field {
	out := slices.Clone(fields)
	for i := range out {
		out[i].Required = false
	}
	return out
}

// complete checks that the files that the step wants are among the evidence.
func (w done) complete(step engine.Step, n *plan.Node) error {
	for _, f := range n.Evidence {
		has := slices.ContainsFunc(w.evidence, func(a event.Artifact) bool { return a.Name == f.Name })
		if f.Required && !has {
			p := &problem{exit: ExitInvalid, what: fmt.Sprintf("step %s wants a file as %s: %s", step.Path, f.Name, f.Description)}
			return p.meaning("Nothing was recorded; the step goes on waiting.").with(fmt.Sprintf("--evidence %s=FILE", f.Name))
		}
	}
	for _, a := range w.evidence {
		if len(n.Evidence) > 0 && !slices.ContainsFunc(n.Evidence, func(f plan.Field) bool { return f.Name == a.Name }) {
			return usagef("step %s wants no file called %s, but %s", step.Path, a.Name, strings.Join(fieldNames(n.Evidence), ", "))
		}
	}
	return nil
}

// speaksAs finds the person as whom the account says something for which no
// role is needed. Nobody in particular is fine, unless a name was given.
func speaksAs(env *environment.Environment, account, as string) (string, error) {
	if env == nil {
		if as != "" {
			return "", usagef("the run has no environment that names people, so --as %s means nobody", as)
		}
		return "", nil
	}
	var mine []string
	for _, p := range env.People {
		if p.User != account && p.User != "*" {
			continue
		}
		if p.Name == as {
			return as, nil
		}
		mine = append(mine, p.Name)
	}
	switch {
	case as != "":
		p := &problem{exit: ExitFailed, what: fmt.Sprintf("%s may not act as %s", account, as)}
		for _, name := range mine {
			p.add("--as " + name)
		}
		return "", p
	case len(mine) == 1:
		return mine[0], nil
	}
	return "", nil
}
