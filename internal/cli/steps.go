package cli

import (
	"sort"
	"strings"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// findStep returns the step that a person means: by its path, or by the end of
// its path if only one step that has begun ends like that.
func findStep(s engine.State, name string) (engine.Step, error) {
	if st, ok := s.Step(name); ok {
		return st, nil
	}
	var found []engine.Step
	var paths []string
	for _, st := range s.Steps() {
		paths = append(paths, st.Path)
		if strings.HasSuffix(st.Path, "/"+name) || engine.Base(st.Path) == name {
			found = append(found, st)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return engine.Step{}, noStep(s, name, paths)
	}
	p := usagef("%q could be any of %d steps", name, len(found))
	for _, st := range found {
		p.add(st.Path)
	}
	return engine.Step{}, p
}

// noStep tells a step that has not begun from one that does not exist.
func noStep(s engine.State, name string, paths []string) error {
	for _, n := range s.Plan().Nodes {
		if n.Path == name || n.Name == name {
			p := &problem{exit: ExitFailed, what: "step " + n.Path + " has not had its turn yet"}
			return p.meaning("Nothing was recorded.").with(statusOf(s))
		}
		paths = append(paths, n.Path, n.Name)
	}
	p := usagef("there is no step %q in this run%s", name, didYouMean(nearest(name, paths)))
	return p.meaning("Nothing was recorded.").with(statusOf(s))
}

// statusOf is the command that shows a run.
func statusOf(s engine.State) string {
	started, _, _ := s.Started()
	return projection.Command("status", started.Run)
}

// stepNode returns the plan's node of a step.
func stepNode(s engine.State, st engine.Step) *plan.Node { return s.Plan().Node(st.Node) }

// fieldNames lists declared names, for messages.
func fieldNames(fields []plan.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	sort.Strings(out)
	return out
}

// pairs parses NAME=VALUE flags.
func pairs(flag string, given []string) (map[string]string, error) {
	out := make(map[string]string, len(given))
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok || name == "" {
			return nil, usagef("--%s takes NAME=VALUE, not %q", flag, g)
		}
		if _, twice := out[name]; twice {
			return nil, usagef("--%s gives %s twice", flag, name)
		}
		out[name] = value
	}
	return out, nil
}
