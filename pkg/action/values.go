package action

import (
	"fmt"
	"time"
)

// Values are inputs or target fields after checking: string, int64, float64, bool
// (uint64 and json.Number beyond them inside any), time.Duration, time.Time, []any, map[string]any, Secret. The getters
// return the zero value when a name is absent or of another type: the Spec has
// been enforced before.
type Values map[string]any

// String returns a text, or the text form of another scalar.
func (v Values) String(name string) string {
	switch x := v[name].(type) {
	case nil:
		return ""
	case string:
		return x
	case Secret, []any, map[string]any:
		return ""
	default:
		return fmt.Sprint(x)
	}
}

// Int returns an integer.
func (v Values) Int(name string) int64 { i, _ := v[name].(int64); return i }

// Bool returns a bool.
func (v Values) Bool(name string) bool { b, _ := v[name].(bool); return b }

// Duration returns a duration.
func (v Values) Duration(name string) time.Duration { d, _ := v[name].(time.Duration); return d }

// Time returns a time.
func (v Values) Time(name string) time.Time { t, _ := v[name].(time.Time); return t }

// List returns a list.
func (v Values) List(name string) []any { l, _ := v[name].([]any); return l }

// Strings returns a list's elements as texts.
func (v Values) Strings(name string) []string {
	var out []string
	for _, e := range v.List(name) {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

// Map returns a map; nil if absent.
func (v Values) Map(name string) Values {
	switch m := v[name].(type) {
	case map[string]any:
		return m
	case Values:
		return m
	}
	return nil
}

// Secret returns a secret. A plain text in its place is wrapped.
func (v Values) Secret(name string) Secret {
	switch s := v[name].(type) {
	case Secret:
		return s
	case string:
		return NewSecret(s)
	}
	return Secret{}
}

// Has reports whether a name is present and not nil.
func (v Values) Has(name string) bool { return v[name] != nil }
