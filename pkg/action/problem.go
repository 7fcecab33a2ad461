package action

import (
	"fmt"
	"strings"
	"time"
)

// The words of Problems.

func unknownName(path, name string, fields []Field) Problem {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	p := Problem{Input: join(path, name), Message: "is not known here", Hint: didYouMean(name, names)}
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
	case int, int64, float64:
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

// didYouMean names the candidate that is closest to what was written, if one
// is close.
func didYouMean(written string, candidates []string) string {
	best, bestAt := "", 1+max(1, len(written)/3)
	for _, c := range candidates {
		if d := distance(strings.ToLower(written), strings.ToLower(c)); d < bestAt {
			best, bestAt = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance counts the insertions, deletions, substitutions and swaps of
// neighbours between two texts (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return max(len(x), len(y))
	}
	var before, last []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, row = last, row, make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(y)]
}
