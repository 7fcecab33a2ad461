package cacao

import (
	"regexp"

	"github.com/irctl/irctl/internal/plan"
)

var (
	inText      = regexp.MustCompile(`\$\{\{ cacao\.shown\("[^"]*", "(__[^"]*__)", vars\.\w+\) \}\}`)
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
		out.Nodes[i] = n
	}
	return &out
}
