package action

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/suggest"
)

// Coerce checks what was given against the fields that a Spec or a TargetType
// declares and returns typed values, defaults filled in. It finds every
// problem: unknown names (sorted) first, then the fields in their order. The
// values hold what was good, also when there are problems. A nil value counts
// as not given.
//
// A Secret is accepted only where the field says so: a scalar field with
// Secret becomes a Secret always; a list, a map or any value with Secret may
// hold secrets beside plain data.
func Coerce(fields []Field, given map[string]any) (Values, []Problem) {
	return coerceFields("", fields, given)
}

// CoerceOne checks one value and returns it typed. It reports the first
// problem of several.
func CoerceOne(f Field, v any) (any, *Problem) {
	out, problems := coerceValue(f.Name, f, v)
	if len(problems) > 0 {
		return nil, &problems[0]
	}
	return out, nil
}

func coerceFields(path string, fields []Field, given map[string]any) (Values, []Problem) {
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := fieldNamed(fields, name); !ok {
			problems = append(problems, unknownName(path, name, fields))
		}
	}
	values := make(Values, len(fields))
	for _, f := range fields {
		v := given[f.Name]
		if v == nil {
			v = f.Default
		}
		if v == nil {
			if f.Required {
				problems = append(problems, Problem{join(path, f.Name), "is missing", exampleHint(f)})
			}
			continue
		}
		typed, found := coerceValue(join(path, f.Name), f, v)
		if len(found) > 0 {
			problems = append(problems, found...)
			continue
		}
		values[f.Name] = typed
	}
	return values, problems
}

func coerceValue(path string, f Field, v any) (any, []Problem) {
	switch f.Type {
	case List:
		return coerceList(path, f, v)
	case Map:
		return coerceMap(path, f, v)
	}
	out, p := coerceScalar(f, v)
	if p != nil {
		p.Input = path
		return nil, []Problem{*p}
	}
	return out, nil
}

func coerceList(path string, f Field, v any) (any, []Problem) {
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
		return nil, []Problem{{path, "must be a list, not " + kindOf(v), hint}}
	}
	item := itemField(f).Compiled()
	out, problems := make([]any, 0, len(in)), []Problem(nil)
	for i, e := range in {
		typed, found := coerceItem(fmt.Sprintf("%s[%d]", path, i), f, item, e)
		problems = append(problems, found...)
		out = append(out, typed)
	}
	return out, problems
}

func coerceMap(path string, f Field, v any) (any, []Problem) {
	var in map[string]any
	switch v := v.(type) {
	case map[string]any:
		in = v
	case Values:
		in = v
	case map[string]string:
		in = make(map[string]any, len(v))
		for k, s := range v {
			in[k] = s
		}
	default:
		return nil, []Problem{{path, "must be a map, not " + kindOf(v), exampleHint(f)}}
	}
	if len(f.Fields) > 0 {
		out, problems := coerceFields(path, f.Fields, in)
		return map[string]any(out), problems
	}
	item := itemField(f).Compiled()
	out, problems := make(map[string]any, len(in)), []Problem(nil)
	for _, k := range slices.Sorted(maps.Keys(in)) {
		typed, found := coerceItem(join(path, k), f, item, in[k])
		problems = append(problems, found...)
		out[k] = typed
	}
	return out, problems
}

// coerceItem checks an element of a list or map.
func coerceItem(path string, f, item Field, v any) (any, []Problem) {
	if s, ok := v.(Secret); ok && f.Secret {
		return s, nil
	}
	if v == nil && item.Type != Any {
		return nil, []Problem{{path, "is empty", "write " + article(item.Type)}}
	}
	return coerceValue(path, item, v)
}

// itemField describes the elements of a list or map.
func itemField(f Field) Field {
	item := Field{Name: f.Name, Type: f.Items, Enum: f.Enum, Pattern: f.Pattern, Example: f.Example, pattern: f.pattern}
	switch f.Items {
	case "":
		item.Type, item.Secret = Any, f.Secret
	case Map:
		item.Fields, item.Secret = f.Fields, f.Secret
	case List:
		item.Secret = f.Secret
	}
	return item
}

func coerceScalar(f Field, v any) (any, *Problem) {
	if s, ok := v.(Secret); ok {
		return coerceSecret(f, s)
	}
	if f.Type == Any && f.Secret {
		return v, nil // secrets may stand anywhere inside
	}
	out, ok := convert(f.Type, v)
	if !ok {
		return nil, &Problem{Message: wrongType(f, v), Hint: typeHint(f, v)}
	}
	switch f.Type {
	case Enum:
		if s := out.(string); !slices.Contains(f.Enum, s) {
			return nil, &Problem{Message: fmt.Sprintf("%s is not one of %s", shown(f, v), strings.Join(f.Enum, ", ")), Hint: suggest.DidYouMean(s, f.Enum)}
		}
	case String:
		if f.Pattern != "" && !matchesWhole(f, out.(string)) {
			return nil, &Problem{Message: fmt.Sprintf("%s does not match the pattern %s", shown(f, v), f.Pattern), Hint: exampleHint(f)}
		}
		if f.Secret {
			return NewSecret(out.(string)), nil
		}
	}
	return out, nil
}

// coerceSecret checks a secret without telling anything about it but its type.
func coerceSecret(f Field, s Secret) (any, *Problem) {
	if !f.Secret {
		return nil, &Problem{Message: "must not hold a secret: it would be shown and kept", Hint: "hand secrets only to inputs that are marked as secret"}
	}
	if f.Type == Any {
		return s, nil
	}
	v, ok := convert(f.Type, s.Value())
	switch text, isText := v.(string); {
	case !ok && f.Type == String:
		v = s.Reveal()
	case !ok:
		return nil, &Problem{Message: "must be " + article(f.Type) + ", and the secret is not", Hint: typeHint(f, nil)}
	case f.Type == Enum && !slices.Contains(f.Enum, text):
		return nil, &Problem{Message: "is not one of " + strings.Join(f.Enum, ", ")}
	case isText && f.Pattern != "" && !matchesWhole(f, text):
		return nil, &Problem{Message: "does not match the pattern " + f.Pattern}
	}
	return NewSecret(v), nil
}

// convert turns a value into the Go form of a type. Texts become numbers,
// durations and times when they are written exactly so; a number becomes a
// text only if it is whole, because 1.10 would lose its zero.
func convert(t Type, v any) (any, bool) {
	switch t {
	case String, Enum:
		return toText(v)
	case Int:
		return toInt(v)
	case Float:
		return toFloat(v)
	case Bool:
		switch v := v.(type) {
		case bool:
			return v, true
		case string:
			return v == "true", v == "true" || v == "false"
		}
	case Duration:
		switch v := v.(type) {
		case time.Duration:
			return v, v >= 0
		case string:
			d, err := time.ParseDuration(v)
			return d, err == nil && d >= 0
		}
	case Time:
		switch v := v.(type) {
		case time.Time:
			return v, true
		case string:
			parsed, err := time.Parse(time.RFC3339, v)
			return parsed, err == nil
		}
	case Any:
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
	switch v := v.(type) {
	case Secret:
		return nil, false
	case []any:
		for _, e := range v {
			if _, ok := plain(e); !ok {
				return nil, false
			}
		}
	case map[string]any:
		for _, e := range v {
			if _, ok := plain(e); !ok {
				return nil, false
			}
		}
	}
	return v, true
}

// matchesWhole reports whether the field's pattern matches the whole text.
func matchesWhole(f Field, text string) bool {
	re := f.pattern
	if re == nil {
		var err error
		if re, err = wholePattern(f.Pattern); err != nil {
			return false
		}
	}
	return re.MatchString(text)
}

func wholePattern(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
