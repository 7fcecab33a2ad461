package convert

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// The standard's conditions are comparisons of variables (STIX patterning). A
// condition of a runbook becomes one if it is a row of plain comparisons;
// anything else is asked of a person, whose answer is a variable.

var (
	comparison = pattern.Late(`^([a-z][a-z0-9_.-]*)\s*(==|!=|<=|>=|<|>)\s*('[^'\\]*'|"[^"\\]*"|-?[0-9]+|true|false)$`)
	membership = pattern.Late(`^([a-z][a-z0-9_.-]*)\s+in\s+\[\s*('[^'\\]*'(?:\s*,\s*'[^'\\]*')*)\s*\]$`)
	single     = pattern.Late(`^(!?)\s*([a-z][a-z0-9_.-]*)$`)
)

// condition turns a condition into the standard's.
func (x *exporter) condition(text string) (string, bool) {
	if quotes := strings.Count(text, "'") + strings.Count(text, `"`); quotes%2 == 1 {
		return "", false
	}
	pieces, joint := []string{text}, ""
	switch {
	case strings.Contains(text, "&&"): // what it joins may not hold the other: that is no comparison
		pieces, joint = strings.Split(text, "&&"), " AND "
	case strings.Contains(text, "||"):
		pieces, joint = strings.Split(text, "||"), " OR "
	}
	for i, p := range pieces {
		one, ok := x.compared(strings.TrimSpace(p))
		if !ok {
			return "", false
		}
		pieces[i] = one
	}
	return strings.Join(pieces, joint), true
}

// compared turns a single comparison into the standard's. The literal must be
// of the variable's type: the standard compares by it.
func (x *exporter) compared(text string) (string, bool) {
	if m := comparison().FindStringSubmatch(text); m != nil {
		v, ok := x.reference(m[1])
		if !ok || !suits(v.kind, m[3], m[2]) {
			return "", false
		}
		op := m[2]
		if op == "==" {
			op = "="
		}
		return v.name + ":value " + op + " " + quoted(m[3]), true
	}
	if m := membership().FindStringSubmatch(text); m != nil {
		if v, ok := x.reference(m[1]); ok && v.kind == "string" {
			return v.name + ":value IN (" + m[2] + ")", true
		}
		return "", false
	}
	if m := single().FindStringSubmatch(text); m != nil {
		if v, ok := x.reference(m[2]); ok && v.kind == "bool" {
			return v.name + ":value = " + map[string]string{"": "true", "!": "false"}[m[1]], true
		}
	}
	return "", false
}

// suits reports whether a literal can be compared with a variable of a type.
func suits(kind, literal, op string) bool {
	switch {
	case literal[0] == '\'' || literal[0] == '"':
		return kind == "string" && (op == "==" || op == "!=")
	case literal == "true" || literal == "false":
		return kind == "bool" && (op == "==" || op == "!=")
	}
	return kind == "integer" || kind == "float"
}

// quoted is a literal in the standard's quotes.
func quoted(literal string) string {
	if literal[0] != '"' {
		return literal
	}
	return "'" + strings.ReplaceAll(literal[1:len(literal)-1], "'", `\'`) + "'"
}
