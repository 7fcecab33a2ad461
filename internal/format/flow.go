package format

import (
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// flow writes a list or mapping in brackets on one line, with one space where
// one belongs. It is not ok if the value is written in a way that this does not
// know; it is kept as it is then.
func (c *cutter) flow(v *runbook.Value) (text string, ok bool) {
	whole := c.slice(v.Span)
	switch {
	case strings.Contains(whole, "\n"), whole == "":
		return "", false
	case v.Kind == runbook.ListValue && whole[0] == '[':
		parts := make([]string, len(v.Items))
		for i, item := range v.Items {
			if parts[i], ok = c.flow(item); !ok {
				return "", false
			}
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	case v.Kind == runbook.MapValue && whole[0] == '{':
		parts := make([]string, len(v.Pairs))
		for i, pair := range v.Pairs {
			value, ok := c.flow(pair.Value)
			if !ok {
				return "", false
			}
			parts[i] = c.slice(pair.Key.Span) + ": " + value
		}
		return "{" + strings.Join(parts, ", ") + "}", true
	case v.Kind == runbook.ListValue, v.Kind == runbook.MapValue:
		return "", false // `[a: b]`
	}
	return whole, true
}
