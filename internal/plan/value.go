package plan

import "strings"

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
func (v Value) HasExpr() bool { return hasExpr(v.Raw) }

func hasExpr(raw any) bool {
	switch raw := raw.(type) {
	case string:
		return strings.Contains(strings.ReplaceAll(raw, "$${{", ""), "${{")
	case []any:
		for _, e := range raw {
			if hasExpr(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range raw {
			if hasExpr(e) {
				return true
			}
		}
	}
	return false
}
