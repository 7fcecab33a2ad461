package simulate

import (
	"maps"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// outputs are what an action returns: what was stated, and samples of the rest.
func (s *sim) outputs(spec action.Spec, stated map[string]any) map[string]any {
	out := make(map[string]any, len(spec.Outputs))
	for _, f := range spec.Outputs {
		out[f.Name] = Sample(f, s.now)
	}
	maps.Copy(out, stated)
	return out
}

// Sample is a value of a field's type for a run in which nobody stated one: the
// field's default, its example if that has the type, or something that
// says by its text that it was made up.
func Sample(f action.Field, now time.Time) any {
	if f.Default != nil {
		return f.Default
	}
	if f.Example != "" && f.Type != action.List && f.Type != action.Map && f.Type != action.Any {
		if v, problem := coerce.One(f, f.Example); problem == nil {
			return v
		}
	}
	switch f.Type {
	case action.Int:
		return int64(1)
	case action.Float:
		return 1.0
	case action.Bool:
		return true
	case action.Duration:
		return time.Second
	case action.Time:
		return now
	case action.Enum:
		if len(f.Enum) > 0 {
			return f.Enum[0]
		}
	case action.List:
		if f.Items != "" && f.Items != action.List {
			return []any{Sample(action.Field{Name: f.Name, Type: f.Items}, now)}
		}
		return []any{}
	case action.Map:
		m := make(map[string]any, len(f.Fields))
		for _, inner := range f.Fields {
			m[inner.Name] = Sample(inner, now)
		}
		return m
	}
	return "sample-" + f.Name
}
