package cacao

import (
	"regexp"
	"strings"

	"github.com/irctl/irctl/internal/plan"
)

var (
	inText      = regexp.MustCompile(`\$\{\{ cacao\.shown\("[^"]*", "(__[^"]*__)", vars\.\w+\) \}\}`)
	given       = regexp.MustCompile(`^\$\{\{ cacao\.fit\("[^"]*", "__[^"]*__", inputs\.\w+\) \}\}$`)
	returned    = regexp.MustCompile(`^\$\{\{ cacao\.fit\("[^"]*", "__[^"]*__", steps\.([a-z0-9-]+)\..*\) \}\}$`)
	inCondition = regexp.MustCompile(`cacao\.\w+\("[^"]*", "(__[^"]*__)", vars\.\w+\)`)
)

// Readable is a text of a plan in which variables stand as the playbook writes
// them.
func Readable(text string) string {
	return inCondition.ReplaceAllString(inText.ReplaceAllString(text, "$1:value"), "$1:value")
}

// Shown is a copy of a plan for people to read; it cannot run.
func Shown(p *plan.Plan) *plan.Plan {
	out := *p
	out.Nodes = make([]plan.Node, len(p.Nodes))
	for i, n := range p.Nodes {
		if text, ok := n.Text.Raw.(string); ok {
			n.Text = plan.Of(Readable(text))
		}
		n.Condition = plan.Expr(Readable(string(n.Condition)))
		n.Set = shownSet(n.Set)
		n.Action = shownUse(n.Action)
		out.Nodes[i] = n
	}
	return &out
}

// shownSet says where the values of variables come from.
func shownSet(set []plan.Assignment) []plan.Assignment {
	var out []plan.Assignment
	for _, a := range set {
		if text, ok := a.Value.Raw.(string); ok {
			text = given.ReplaceAllString(text, "as it was given")
			a.Value = plan.Of(returned.ReplaceAllString(text, "from $1"))
		}
		out = append(out, a)
	}
	return out
}

// shownUse leaves out what irctl hands to its own actions.
func shownUse(use *plan.Use) *plan.Use {
	if use == nil || !strings.HasPrefix(use.Action, "cacao.") {
		return use
	}
	out := *use
	out.With = nil
	for _, a := range use.With {
		if a.Name != "variables" && a.Name != "playbook_step" {
			out.With = append(out.With, a)
		}
	}
	return &out
}
