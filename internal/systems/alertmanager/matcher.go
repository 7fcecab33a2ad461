package alertmanager

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// Matcher is a condition on one label of an alert.
type Matcher struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Regex bool   `json:"isRegex"` // Value is an RE2 that must match the whole label
	Equal bool   `json:"isEqual"` // false: it must not match
}

// matcherForm is name, operator and value, as Alertmanager's own tools write
// it.
var matcherForm = pattern.Late(`^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*((?s).*)$`)

// ParseMatcher reads a matcher such as service="portal" or job=~"node.*". The
// quotes may be left out.
func ParseMatcher(text string) (Matcher, error) {
	parts := matcherForm().FindStringSubmatch(text)
	wrong := func(why string) (Matcher, error) {
		return Matcher{}, fmt.Errorf("%q %s", action.CleanLine(text, 80), why)
	}
	if parts == nil {
		return wrong("is not a matcher")
	}
	m := Matcher{Name: parts[1], Value: strings.TrimSpace(parts[3]), Regex: strings.HasSuffix(parts[2], "~"), Equal: parts[2][0] == '='}
	if strings.HasPrefix(m.Value, `"`) {
		value, err := strconv.Unquote(m.Value)
		if err != nil {
			return wrong("ends in the middle of its quotes")
		}
		m.Value = value
	}
	if m.Regex {
		if _, err := regexp.Compile(m.Value); err != nil {
			return wrong("is not a regular expression")
		}
	}
	return m, nil
}

// ParseMatchers reads several, and at least one: none would match every alert.
// All of them must match an alert.
func ParseMatchers(texts []string) ([]Matcher, error) {
	if len(texts) == 0 {
		return nil, &action.Error{Message: "no matcher is named, which would mean all alerts", Hint: `name at least one, as in service="portal"`, Permanent: true}
	}
	var out []Matcher
	for _, text := range texts {
		m, err := ParseMatcher(text)
		if err != nil {
			return nil, &action.Error{Message: err.Error(), Hint: `write it as service="portal"`, Permanent: true}
		}
		out = append(out, m)
	}
	return out, nil
}

// String writes the matcher as ParseMatcher reads it.
func (m Matcher) String() string {
	operator := map[[2]bool]string{{true, false}: "=", {false, false}: "!=", {true, true}: "=~", {false, true}: "!~"}[[2]bool{m.Equal, m.Regex}]
	return m.Name + operator + strconv.Quote(m.Value)
}

// Written is several matchers, in order, as ParseMatchers reads them.
func Written(matchers []Matcher) []string {
	out := each.Of(matchers, Matcher.String)
	slices.Sort(out)
	return out
}

// Same reports whether two lists hold the same matchers, in any order.
func Same(a, b []Matcher) bool { return slices.Equal(Written(a), Written(b)) }
