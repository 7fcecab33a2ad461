package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/pattern"
)

// Cut parses the values NAME=VALUE of a flag.
func Cut(flag string, given []string) ([][2]string, error) {
	out := make([][2]string, len(given))
	for i, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok || name == "" {
			return nil, Usagef("--%s takes NAME=VALUE, not %q", flag, g)
		}
		out[i] = [2]string{name, value}
	}
	return out, nil
}

// Pairs is [Cut] for flags of which each name is given once.
func Pairs(flag string, given []string) (map[string]string, error) {
	all, err := Cut(flag, given)
	out := make(map[string]string, len(given))
	for _, g := range all {
		if _, twice := out[g[0]]; twice {
			return nil, Usagef("--%s gives %s twice", flag, g[0])
		}
		out[g[0]] = g[1]
	}
	return out, err
}

// Moment reads a flag's time: so long before or after now, by the sign, or a date.
func Moment(flag, text string, now time.Time, sign time.Duration) (time.Time, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			text = strconv.FormatUint(n*24, 10) + "h"
		}
	}
	if span, err := time.ParseDuration(text); err == nil && span >= 0 {
		return now.Add(sign * span).UTC(), nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, Usagef("--%s is a time such as 24h or 90d, or a date such as %s, not %q", flag, now.UTC().Format(time.DateOnly), text)
}

// First returns the first argument, "" if there is none.
func First(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

var shapeOfName = pattern.Late(`^[a-z][a-z0-9-]*$`)

// NameOf refuses what a file of a kind cannot be called.
func NameOf(kind, name string) error {
	if !shapeOfName().MatchString(name) {
		return Usagef("%q cannot be the name of a %s: lower-case letters, digits and hyphens, a letter first", name, kind)
	}
	return nil
}
