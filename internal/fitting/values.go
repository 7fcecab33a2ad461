package fitting

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// conditions are the keys whose texts are expressions also without ${{ }}.
var conditions = []string{"when", "if", "while", "until"}

// values checks every env.NAME of a file.
func (c *checker) values(rb *runbook.Runbook) {
	if !asks(string(rb.Source)) {
		return
	}
	tree, _ := language.ParseTree(rb.File, rb.Source)
	c.walk("", tree)
}

// asks reports whether a text may ask something of an environment.
func asks(text string) bool {
	return strings.Contains(text, "env.") || strings.Contains(text, "targets(")
}

// walk looks at a value and all inside it; key is the key that it stands at.
func (c *checker) walk(key string, v *runbook.Value) {
	switch {
	case v == nil:
	case v.Kind == runbook.ListValue:
		for _, item := range v.Items {
			c.walk(key, item)
		}
	case v.Kind == runbook.MapValue:
		for _, p := range v.Pairs {
			c.walk(p.Key.Value, p.Value)
		}
	case v.Kind != runbook.StringValue || !asks(v.Text):
	case v.HasExpr():
		parts, problem := expr.ParseTemplate(v.Text)
		if problem != nil {
			return
		}
		for _, part := range parts {
			if part.IsExpr {
				c.expression(v, part.Expr, part.Start)
			}
		}
	case slices.Contains(conditions, key):
		c.expression(v, v.Text, 0)
	}
}

var NoValue = codes.Error("IR0422", "the environment has no such value",
	"An expression uses env.NAME, and the environment gives no such value. Correct the name, or add the value below `values:`.")

// expression checks the names in an expression that begins at an offset of a
// text.
func (c *checker) expression(v *runbook.Value, text string, from int) {
	program, err := expr.Dynamic(text)
	if err != nil {
		return
	}
	for _, r := range program.References() {
		if selector, ok := strings.CutPrefix(r.Name, "targets."); ok && !c.Environment.Grouped() { // else only a run knows
			if _, err := c.Environment.Select(selector); err != nil {
				f := faultOf(NoTarget, err)
				c.report(f.Code, v.Place(from+r.Start, from+r.End), f.Do, "%s", f.What)
			}
		}
		name, ok := strings.CutPrefix(r.Name, "env.")
		if !ok {
			continue
		}
		if f := c.value(name); f != nil {
			c.report(f.Code, v.Place(from+r.Start, from+r.End), f.Do, "%s", f.What)
		}
	}
}
