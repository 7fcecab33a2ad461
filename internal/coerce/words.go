package coerce

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
)

// The words of problems.

func problem(input, message, hint string) []action.Problem {
	return []action.Problem{{Input: input, Message: message, Hint: hint}}
}

func unknownName(path, name string, fields []action.Field) action.Problem {
	names := each.Of(fields, func(f action.Field) string { return f.Name })
	p := action.Problem{Input: join(path, name), Message: "is not known here", Hint: suggest.DidYouMean(name, names)}
	switch {
	case len(names) == 0:
		p.Hint = "nothing can be given here; remove it"
	case p.Hint == "":
		p.Hint = "known are " + strings.Join(names, ", ")
	}
	return p
}

// whole is a whole number in a text, of any size.
var whole = pattern.Late(`^(0|-?[1-9][0-9]*)$`)

func wrongType(f action.Field, v any) string {
	text, isText := v.(string)
	switch v.(type) {
	case uint64, json.Number, string:
		if f.Type == action.Int && (!isText || whole().MatchString(text)) {
			return fmt.Sprintf("must be a whole number from %d to %d, not %s", math.MinInt64, math.MaxInt64, shown(f, v))
		}
	}
	switch {
	case f.Type == action.Any:
		return "must not hold a secret: it would be shown and kept"
	case isText && f.Type != action.String && f.Type != action.Enum:
		return fmt.Sprintf("%s is not %s", shown(f, v), article(f.Type))
	}
	return fmt.Sprintf("must be %s, not %s", article(f.Type), kindOf(v))
}

func typeHint(f action.Field, v any) string {
	switch f.Type {
	case action.Duration:
		return `write a number with a unit, such as "90s", "15m" or "2h30m"`
	case action.Time:
		return `write it as in "2026-03-01T14:30:00Z" (RFC 3339)`
	case action.Bool:
		return "write true or false"
	case action.String, action.Enum:
		switch v.(type) {
		case bool, float64:
			return "put it in quotes"
		}
	}
	return exampleHint(f)
}

func exampleHint(f action.Field) string {
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
func shown(f action.Field, v any) string {
	if _, ok := v.(action.Secret); ok || f.Secret {
		return action.Secret{}.String()
	}
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", action.CleanLine(s, 60))
	}
	return action.CleanLine(fmt.Sprint(v), 60)
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
		return article(action.Duration)
	case time.Time:
		return article(action.Time)
	case []any, []string:
		return "a list"
	case map[string]any, action.Values, map[string]string:
		return "a map"
	case action.Secret:
		return "a secret"
	}
	return fmt.Sprintf("a %T", v)
}

func article(t action.Type) string {
	switch t {
	case action.String:
		return "a text"
	case action.Int:
		return "a whole number"
	case action.Float:
		return "a number"
	case action.Bool:
		return "true or false"
	case action.Duration:
		return "a duration"
	case action.Time:
		return "a time"
	case action.List:
		return "a list"
	case action.Map:
		return "a map"
	case action.Enum:
		return "one of the words it allows"
	case action.Any:
		return "a value"
	}
	return fmt.Sprintf("of the type %q", string(t))
}
