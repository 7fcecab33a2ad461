package action

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/suggest"
)

// The words of Problems.

func unknownName(path, name string, fields []Field) Problem {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	p := Problem{Input: join(path, name), Message: "is not known here", Hint: suggest.DidYouMean(name, names)}
	switch {
	case len(names) == 0:
		p.Hint = "nothing can be given here; remove it"
	case p.Hint == "":
		p.Hint = "known are " + strings.Join(names, ", ")
	}
	return p
}

func wrongType(f Field, v any) string {
	_, isText := v.(string)
	switch v.(type) {
	case uint64, json.Number:
		if f.Type == Int {
			return fmt.Sprintf("must be a whole number from %d to %d, not %s", math.MinInt64, math.MaxInt64, shown(f, v))
		}
	}
	switch {
	case f.Type == Any:
		return "must not hold a secret: it would be shown and kept"
	case isText && f.Type != String && f.Type != Enum:
		return fmt.Sprintf("%s is not %s", shown(f, v), article(f.Type))
	}
	return fmt.Sprintf("must be %s, not %s", article(f.Type), kindOf(v))
}

func typeHint(f Field, v any) string {
	switch f.Type {
	case Duration:
		return `write a number with a unit, such as "90s", "15m" or "2h30m"`
	case Time:
		return `write it as in "2026-03-01T14:30:00Z" (RFC 3339)`
	case Bool:
		return "write true or false"
	case String, Enum:
		switch v.(type) {
		case bool, float64:
			return "put it in quotes"
		}
	}
	return exampleHint(f)
}

func exampleHint(f Field) string {
	if f.Example == "" || f.Secret {
		return ""
	}
	if strings.Contains(f.Example, "\n") {
		return "for example:\n" + f.Example
	}
	return "for example: " + f.Example
}

// shown is a value as a problem may quote it: short, clean, and never one
// that belongs to a secret field.
func shown(f Field, v any) string {
	if _, ok := v.(Secret); ok || f.Secret {
		return redacted
	}
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", CleanLine(s, 60))
	}
	return CleanLine(fmt.Sprint(v), 60)
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int, int64, uint64, float64, json.Number:
		return "a number"
	case time.Duration:
		return article(Duration)
	case time.Time:
		return article(Time)
	case []any, []string:
		return "a list"
	case map[string]any, Values, map[string]string:
		return "a map"
	case Secret:
		return "a secret"
	}
	return fmt.Sprintf("a %T", v)
}

func article(t Type) string {
	switch t {
	case String:
		return "a text"
	case Int:
		return "a whole number"
	case Float:
		return "a number"
	case Bool:
		return "true or false"
	case Duration:
		return "a duration"
	case Time:
		return "a time"
	case List:
		return "a list"
	case Map:
		return "a map"
	case Enum:
		return "one of the words it allows"
	case Any:
		return "a value"
	}
	return fmt.Sprintf("of the type %q", string(t))
}
