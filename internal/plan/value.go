package plan

import (
	"strings"

	"github.com/irctl/irctl/internal/data"
)

// Placeholder stands for a value of the field in a command that is shown. It is no
// value itself.
func (f Field) Placeholder() string {
	switch {
	case len(f.Enum) > 0:
		return "<" + strings.Join(f.Enum, "|") + ">"
	case f.Type == "bool":
		return "<true|false>"
	}
	return "<" + f.Type + ">"
}

// HasExpr reports whether any text inside the value holds an expression.
func (v Value) HasExpr() bool {
	return data.Any(v.Raw, func(v any) bool {
		text, _ := v.(string)
		return strings.Contains(strings.ReplaceAll(text, "$${{", ""), "${{")
	})
}
