package plan

import (
	"bytes"
	"encoding/json"
	"strings"
)

// decodePlain decodes JSON so that whole numbers become int64.
func decodePlain(b []byte) (any, error) {
	if len(b) > 0 && b[0] == '"' { // most of what plans hold
		var text string
		err := json.Unmarshal(b, &text)
		return text, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	return plainNumbers(raw), nil
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
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
