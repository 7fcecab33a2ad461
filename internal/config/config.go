// Package config fills a struct with what an environment says of a target, by
// the same description that checks and documents it.
//
// A kind of system has a struct whose method Fields ties each of its fields to
// an [action.Field], as package flag ties variables to flags:
//
//	type Config struct {
//		SMTP string
//		Via  host.Via
//	}
//
//	func (c *Config) Fields() config.Fields {
//		return config.Fields{
//			config.Into(&c.SMTP, action.Field{Name: "smtp", Description: "..."}),
//			c.Via.Field(),
//		}
//	}
//
// What a field that several kinds have can be wrong in stands with it, see
// [Field.Checked]; mistakes in how fields go together are the struct's to find, if
// it is a [Checker]. [Describe] makes the action.TargetType of it, and [Read] fills it.
package config

import (
	"cmp"
	"fmt"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Field is a described field and where its value goes.
type Field struct {
	action.Field
	set   func(value any) // value is typed as the description says
	check func() []action.Problem
}

// Checked gives a field that fills a struct of its own what finds mistakes in
// it, which the descriptions cannot express. It does no I/O.
func (f Field) Checked(check func() []action.Problem) Field {
	f.check = check
	return f
}

// Fields describe a target's config, in the order in which people read it.
type Fields []Field

// Value is what a field may be in a struct. A pointer tells what was not given
// from the zero value.
type Value interface {
	string | int64 | *int64 | float64 | bool | time.Duration | time.Time | action.Secret |
		[]string | []any | map[string]string | map[string]any | action.Values
}

// Into ties a field to the place of its value. The field's Type follows from
// the place, unless it says a narrower one (Enum).
func Into[T Value](into *T, f action.Field) Field {
	kind, items, secret, set := place(any(into))
	f.Type = cmp.Or(f.Type, kind)
	f.Items = cmp.Or(f.Items, items)
	f.Secret = f.Secret || secret
	return Field{Field: f, set: set}
}

// Nested ties a map with known keys to fields of their own.
func Nested(f action.Field, inner Fields) Field {
	f.Type, f.Fields = action.Map, inner.Describe()
	return Field{Field: f, set: func(v any) { inner.Fill(asMap(v)) }}
}

// Part is Nested for a struct that is there only if the map is given: put gets
// it, filled.
func Part[T any](f action.Field, fields func(*T) Fields, put func(*T)) Field {
	f.Type, f.Fields = action.Map, fields(new(T)).Describe()
	return Field{Field: f, set: func(v any) {
		t := new(T)
		fields(t).Fill(asMap(v))
		put(t)
	}}
}

// Any ties a field of any type to the place of its value.
func Any(into *any, f action.Field) Field {
	f.Type = action.Any
	return Field{Field: f, set: func(v any) { *into = v }}
}

// Describe returns the descriptions alone.
func (f Fields) Describe() []action.Field {
	out := make([]action.Field, len(f))
	for i, field := range f {
		out[i] = field.Field
	}
	return out
}

// Fill puts checked and typed values into their places. What is absent leaves
// its place as it is.
func (f Fields) Fill(values action.Values) {
	for _, field := range f {
		if v := values[field.Name]; v != nil {
			field.set(v)
		}
	}
}

// Config is a pointer to the struct that holds a target's config.
type Config[C any] interface {
	*C
	// Fields ties the struct's fields to their descriptions.
	Fields() Fields
}

// Checker is a [Config] that finds mistakes in its filled struct which neither the
// descriptions nor the checks of its fields can express. It does no I/O.
type Checker interface{ Check() []action.Problem }

// Describe completes the description of a target type whose config is a C: its
// Fields, and its Check.
func Describe[C any, P Config[C]](t action.TargetType) action.TargetType {
	t.Fields = P(new(C)).Fields().Describe()
	t.Check = func(values action.Values) []action.Problem {
		_, problems := filled[C, P](values)
		return problems
	}
	return t
}

// Read is the config of a target. The error is for a mistake that its check
// would have found: trying again does not help.
func Read[C any, P Config[C]](t action.Target) (C, error) {
	c, problems := filled[C, P](t.Config)
	if len(problems) > 0 {
		return *c, problems[0].Of(t.Name)
	}
	return *c, nil
}

// filled is a config with everything that is wrong with it.
func filled[C any, P Config[C]](values action.Values) (c *C, problems []action.Problem) {
	c = new(C)
	fields := P(c).Fields()
	fields.Fill(values)
	for _, f := range fields {
		if f.check != nil {
			problems = append(problems, f.check()...)
		}
	}
	if whole, ok := any(c).(Checker); ok {
		problems = append(problems, whole.Check()...)
	}
	return c, problems
}

// place says which type the value of a field has whose place this is, and puts
// it there.
func place(into any) (kind, items action.Type, secret bool, set func(any)) {
	switch p := into.(type) {
	case *string:
		return action.String, "", false, func(v any) { *p = fmt.Sprint(v) }
	case *int64:
		return action.Int, "", false, func(v any) { *p, _ = v.(int64) }
	case **int64:
		return action.Int, "", false, func(v any) { n, _ := v.(int64); *p = &n }
	case *float64:
		return action.Float, "", false, func(v any) { *p, _ = v.(float64) }
	case *bool:
		return action.Bool, "", false, func(v any) { *p, _ = v.(bool) }
	case *time.Duration:
		return action.Duration, "", false, func(v any) { *p, _ = v.(time.Duration) }
	case *time.Time:
		return action.Time, "", false, func(v any) { *p, _ = v.(time.Time) }
	case *action.Secret:
		return action.String, "", true, func(v any) { *p = action.Values{"": v}.Secret("") }
	case *[]string:
		return action.List, action.String, false, func(v any) { *p = append([]string{}, action.Values{"": v}.Strings("")...) }
	case *[]any:
		return action.List, "", false, func(v any) { *p, _ = v.([]any) }
	case *map[string]string:
		return action.Map, action.String, false, func(v any) { *p = texts(asMap(v)) }
	case *map[string]any:
		return action.Map, "", false, func(v any) { *p = asMap(v) }
	case *action.Values:
		return action.Map, "", false, func(v any) { *p = asMap(v) }
	}
	panic(fmt.Sprintf("config: nothing goes into a %T", into))
}

func asMap(v any) action.Values { return action.Values{"": v}.Map("") }

func texts(m action.Values) map[string]string {
	out := make(map[string]string, len(m))
	for name := range m {
		out[name] = m.String(name)
	}
	return out
}
