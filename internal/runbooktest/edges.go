package runbooktest

import (
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/plan"
)

// edge is something that a step can do and a test can reach: to be run, to
// take a branch, to fail. Its name stands in `unreachable` and in reports.
type edge struct {
	node plan.NodeID
	name string
}

// The names of edges, besides `case NAME`.
const (
	runs     = "runs"
	skipped  = "skipped" // by its `when`
	then     = "then"
	orElse   = "else"
	none     = "none"    // no branch
	fallback = "default" // of a switch
	zero     = "zero"    // passes of a loop
	one      = "one"
	many     = "many"
	retried  = "retried"
	fails    = "fails" // for good
	timesOut = "timeout"
	refused  = "refused"
	expires  = "expired" // an approval
	undone   = "undone"  // by the undo that the step gives
)

// edges lists the edges of the runbook's own steps, in the order of the file.
// Those of the runbooks that it runs belong to their own tests.
func (s *Suite) edges() []edge {
	var out []edge
	for i := range s.Plan.Nodes {
		n := &s.Plan.Nodes[i]
		if n.File != s.Plan.Source {
			continue
		}
		for _, name := range s.edgesOf(n) {
			out = append(out, edge{n.ID, name})
		}
	}
	return out
}

func (s *Suite) edgesOf(n *plan.Node) []string {
	out := []string{runs}
	add := func(yes bool, name string) {
		if yes {
			out = append(out, name)
		}
	}
	add(n.When != "", skipped)
	switch n.Kind {
	case plan.If:
		out = append(out, then)
		if len(n.Blocks) > 1 {
			out = append(out, orElse)
		} else {
			out = append(out, none)
		}
	case plan.Switch:
		out = append(out, s.branches(n)...)
	case plan.ForEach:
		if n.Subject.HasExpr() {
			out = append(out, zero, one, many)
		}
	case plan.While:
		out = append(out, zero, one, many)
	}
	gate := n.Approval != nil
	add(n.Retry != nil && n.Retry.Attempts > 1, retried)
	add(n.Retry != nil || n.Fallback.Given || n.OnFailure.Policy != plan.FailStop, fails)
	add(n.Timeout.Given && n.Kind != plan.Approve || n.Kind == plan.Wait && (n.Condition != "" || n.Looks()) && n.WaitFor.Given, timesOut)
	add(gate, refused)
	add(gate && (n.Approval.Within.Given || n.Kind == plan.Approve && n.Timeout.Given), expires)
	add(n.Undo != nil, undone)
	return out
}

// branches are the cases of a switch.
func (s *Suite) branches(n *plan.Node) []string {
	var out []string
	hasDefault := false
	labels := map[string]bool{}
	for _, b := range n.Blocks {
		if b.Label == "" {
			hasDefault = true
			continue
		}
		labels[b.Label] = true
		out = append(out, "case "+b.Label)
	}
	words := s.enum(n)
	for _, w := range words {
		if !labels[w] {
			words = nil
		}
	}
	switch {
	case hasDefault:
		out = append(out, fallback)
	case len(words) == 0: // something else may come
		out = append(out, none)
	}
	return out
}

// named is a subject that is one input or one output of a step.
var named = pattern.Late(`^\$\{\{\s*(?:inputs\.([a-z0-9_]+)|steps\.([a-z0-9-]+)\.outputs\.([a-z0-9_]+))\s*\}\}$`)

// enum returns the only words that a switch's subject can be, nil if they are
// not known.
func (s *Suite) enum(n *plan.Node) []string {
	text, _ := n.Subject.Raw.(string)
	m := named().FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	fields, name := s.Plan.Inputs, m[1]
	if m[2] != "" {
		fields, name = nil, m[3]
		for _, id := range s.index.byName[m[2]] {
			if s.Plan.Node(id).File == n.File {
				fields = s.Plan.Node(id).Outputs
			}
		}
	}
	for _, f := range fields {
		if f.Name == name {
			return f.Enum
		}
	}
	return nil
}
