package coerce

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
)

// Fields checks what was given against the fields that a Spec or a TargetType
// declares and returns typed values, defaults filled in. It finds every
// problem: unknown names (sorted) first, then the fields in their order. The
// values hold what was good, also when there are problems. A nil value counts
// as not given.
//
// A [action.Secret] is accepted only where the field says so: a scalar field with
// Secret becomes one always; a list, a map or any value with Secret may
// hold secrets beside plain data.
func Fields(fields []action.Field, given map[string]any) (action.Values, []action.Problem) {
	return fieldsOf("", fields, given)
}

// One checks one value and returns it typed. It reports the first
// problem of several.
func One(f action.Field, v any) (any, *action.Problem) {
	out, problems := valueOf(f.Name, f, v)
	if len(problems) > 0 {
		return nil, &problems[0]
	}
	return out, nil
}

func fieldsOf(path string, fields []action.Field, given map[string]any) (action.Values, []action.Problem) {
	var problems []action.Problem
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(fields, func(f action.Field) bool { return f.Name == name }) {
			problems = append(problems, unknownName(path, name, fields))
		}
	}
	values := make(action.Values, len(fields))
	for _, f := range fields {
		v := given[f.Name]
		if v == nil {
			v = f.Default
		}
		if v == nil {
			if f.Required {
				problems = append(problems, action.Problem{Input: join(path, f.Name), Message: "is missing", Hint: exampleHint(f)})
			}
			continue
		}
		typed, found := valueOf(join(path, f.Name), f, v)
		if len(found) > 0 {
			problems = append(problems, found...)
			continue
		}
		values[f.Name] = typed
	}
	return values, problems
}

func valueOf(path string, f action.Field, v any) (any, []action.Problem) {
	switch f.Type {
	case action.List:
		return listOf(path, f, v)
	case action.Map:
		return mapOf(path, f, v)
	}
	out, p := scalarOf(f, v)
	if p != nil {
		p.Input = path
		return nil, []action.Problem{*p}
	}
	return out, nil
}

func listOf(path string, f action.Field, v any) (any, []action.Problem) {
	var in []any
	switch v := v.(type) {
	case []any:
		in = v
	case []string:
		for _, s := range v {
			in = append(in, s)
		}
	default:
		hint := "put it in brackets: [" + shown(f, v) + "]"
		if _, isMap := v.(map[string]any); isMap {
			hint = "begin each entry with `- `, or put it in brackets: [{...}]"
		}
		return nil, problem(path, "must be a list, not "+kindOf(v), hint)
	}
	item := itemField(f).Compiled()
	out, problems := make([]any, 0, len(in)), []action.Problem(nil)
	for i, e := range in {
		typed, found := itemOf(fmt.Sprintf("%s[%d]", path, i), f, item, e)
		problems = append(problems, found...)
		out = append(out, typed)
	}
	return out, problems
}

func mapOf(path string, f action.Field, v any) (any, []action.Problem) {
	var in map[string]any
	switch v := v.(type) {
	case map[string]any:
		in = v
	case action.Values:
		in = v
	case map[string]string:
		in = make(map[string]any, len(v))
		for k, s := range v {
			in[k] = s
		}
	default:
		return nil, problem(path, "must be a map, not "+kindOf(v), exampleHint(f))
	}
	if len(f.Fields) > 0 {
		out, problems := fieldsOf(path, f.Fields, in)
		return map[string]any(out), problems
	}
	item := itemField(f).Compiled()
	out, problems := make(map[string]any, len(in)), []action.Problem(nil)
	for _, k := range slices.Sorted(maps.Keys(in)) {
		typed, found := itemOf(join(path, k), f, item, in[k])
		problems = append(problems, found...)
		out[k] = typed
	}
	return out, problems
}

// coerceItem checks an element of a list or map.
func itemOf(path string, f, item action.Field, v any) (any, []action.Problem) {
	if s, ok := v.(action.Secret); ok && f.Secret {
		return s, nil
	}
	if v == nil && item.Type != action.Any {
		return nil, problem(path, "is empty", "write "+article(item.Type))
	}
	return valueOf(path, item, v)
}

// itemField describes the elements of a list or map.
func itemField(f action.Field) action.Field {
	item := f // with the pattern that is compiled already
	item.Type, item.Items, item.Required, item.Default, item.Secret, item.Fields = f.Items, "", false, nil, false, nil
	switch f.Items {
	case "":
		item.Type, item.Secret = action.Any, f.Secret
	case action.Map:
		item.Fields, item.Secret = f.Fields, f.Secret
	case action.List:
		item.Secret = f.Secret
	}
	return item
}

func scalarOf(f action.Field, v any) (any, *action.Problem) {
	if s, ok := v.(action.Secret); ok {
		return secretOf(f, s)
	}
	if f.Type == action.Any && f.Secret {
		return v, nil // secrets may stand anywhere inside
	}
	out, ok := convert(f.Type, v)
	if !ok {
		return nil, &action.Problem{Message: wrongType(f, v), Hint: typeHint(f, v)}
	}
	switch f.Type {
	case action.Enum:
		if s := out.(string); !slices.Contains(f.Enum, s) {
			return nil, &action.Problem{Message: fmt.Sprintf("%s is not one of %s", shown(f, v), strings.Join(f.Enum, ", ")), Hint: suggest.DidYouMean(s, f.Enum)}
		}
	case action.String:
		if f.Pattern != "" && !f.Matches(out.(string)) {
			return nil, &action.Problem{Message: fmt.Sprintf("%s does not match the pattern %s", shown(f, v), f.Pattern), Hint: exampleHint(f)}
		}
		if f.Secret {
			return action.NewSecret(out.(string)), nil
		}
	}
	return out, nil
}

// coerceSecret checks a secret without telling anything about it but its type.
func secretOf(f action.Field, s action.Secret) (any, *action.Problem) {
	if !f.Secret {
		return nil, &action.Problem{Message: "must not hold a secret: it would be shown and kept", Hint: "hand secrets only to inputs that are marked as secret"}
	}
	if f.Type == action.Any {
		return s, nil
	}
	v, ok := convert(f.Type, s.Value())
	switch text, isText := v.(string); {
	case !ok && f.Type == action.String:
		v = s.Reveal()
	case !ok:
		return nil, &action.Problem{Message: "must be " + article(f.Type) + ", and the secret is not", Hint: typeHint(f, nil)}
	case f.Type == action.Enum && !slices.Contains(f.Enum, text):
		return nil, &action.Problem{Message: "is not one of " + strings.Join(f.Enum, ", ")}
	case isText && f.Pattern != "" && !f.Matches(text):
		return nil, &action.Problem{Message: "does not match the pattern " + f.Pattern}
	}
	return action.NewSecret(v), nil
}

// convert turns a value into the Go form of a type. Texts become numbers,
// durations and times when they are written exactly so; a number becomes a
// text only if it is whole, because 1.10 would lose its zero.
func convert(t action.Type, v any) (any, bool) {
	switch t {
	case action.String, action.Enum:
		return toText(v)
	case action.Int:
		return toInt(v)
	case action.Float:
		return toFloat(v)
	case action.Bool:
		switch v := v.(type) {
		case bool:
			return v, true
		case string:
			return v == "true", v == "true" || v == "false"
		}
	case action.Duration:
		switch v := v.(type) {
		case time.Duration:
			return v, v >= 0
		case string:
			d, err := time.ParseDuration(v)
			return d, err == nil && d >= 0
		}
	case action.Time:
		switch v := v.(type) {
		case time.Time:
			return v, true
		case string:
			parsed, err := time.Parse(time.RFC3339, v)
			return parsed, err == nil
		}
	case action.Any:
		return plain(v)
	}
	return nil, false
}

func toText(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int, int64, uint64:
		return fmt.Sprint(v), true
	case json.Number:
		return string(v), !strings.ContainsAny(string(v), ".eE")
	case time.Duration:
		return v.String(), true
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	}
	return nil, false
}

func toInt(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case json.Number:
		i, err := v.Int64()
		return i, err == nil
	case string:
		i, err := strconv.ParseInt(v, 10, 64)
		return i, err == nil && strconv.FormatInt(i, 10) == v
	}
	return nil, false
}

func toFloat(v any) (any, bool) {
	var f float64
	switch v := v.(type) {
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case float64:
		f = v
	case json.Number, string:
		parsed, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		if err != nil {
			return nil, false
		}
		f = parsed
	default:
		return nil, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

// plain accepts any data and refuses secrets inside it.
func plain(v any) (any, bool) {
	return v, !data.Any(v, func(v any) bool { _, secret := v.(action.Secret); return secret })
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
