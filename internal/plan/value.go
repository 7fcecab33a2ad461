package plan

import "strings"

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
