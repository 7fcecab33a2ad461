package expr

import (
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

const (
	opening = "${{"
	closing = "}}"
	escaped = "$${{" // stands for the opening itself
)

// Part is a piece of a template: literal text, or an expression.
type Part struct {
	Text       string // literal, escapes resolved
	Expr       string // the text between ${{ and }}
	IsExpr     bool
	Start, End int // bytes of the template: of the text, or of Expr without its braces
}

// ParseTemplate splits a text at its ${{ }}.
func ParseTemplate(text string) ([]Part, *Problem) {
	var parts []Part
	literal := func(s string, start, end int) {
		if s == "" {
			return
		}
		if n := len(parts); n > 0 && !parts[n-1].IsExpr {
			parts[n-1].Text += s
			parts[n-1].End = end
			return
		}
		parts = append(parts, Part{Text: s, Start: start, End: end})
	}
	for i := 0; i < len(text); {
		n := strings.Index(text[i:], opening)
		if n < 0 {
			literal(text[i:], i, len(text))
			break
		}
		at := i + n
		if at > i && text[at-1] == '$' { // $${{
			literal(text[i:at-1]+opening, i, at+len(opening))
			i = at + len(opening)
			continue
		}
		literal(text[i:at], i, at)
		start := at + len(opening)
		length := expressionLength(text[start:])
		if length < 0 {
			return nil, &Problem{
				Rule: RuleSyntax, Start: at, End: start, Message: "`${{` is not closed",
				Hint: "write `}}` after the expression, or `$${{` if the text itself is meant",
			}
		}
		parts = append(parts, Part{Expr: text[start : start+length], IsExpr: true, Start: start, End: start + length})
		i = start + length + len(closing)
	}
	return parts, nil
}

// expressionLength returns where }} ends an expression, -1 if nowhere. Braces
// of maps and quoted texts inside it do not count.
func expressionLength(text string) int {
	depth := 0
	for i := 0; i < len(text); {
		if text[i] != '/' { // comments cannot stand in a template
			if n := opaque(text[i:]); n > 0 {
				i += n
				continue
			}
		}
		switch {
		case text[i] == '{':
			depth++
		case depth == 0 && strings.HasPrefix(text[i:], closing):
			return i
		case text[i] == '}' && depth > 0:
			depth--
		}
		i++
	}
	return -1
}

// Whole returns the expression if the text is nothing but one ${{ }}, spaces
// around it aside.
func Whole(parts []Part) (Part, bool) {
	var found Part
	for _, p := range parts {
		switch {
		case !p.IsExpr && strings.TrimSpace(p.Text) != "":
			return Part{}, false
		case p.IsExpr && found.IsExpr:
			return Part{}, false
		case p.IsExpr:
			found = p
		}
	}
	return found, found.IsExpr
}

// Template checks a text that may hold ${{ }}: as a whole it must fit want. It
// returns the type of the result, and the programs inside in their order, with
// places in their references that count from the template's beginning.
func Template(text string, symbols Symbols, want Type) (Type, []Reference, []Problem) {
	parts, problem := ParseTemplate(text)
	if problem != nil {
		return Type{}, nil, []Problem{*problem}
	}
	if whole, ok := Whole(parts); ok {
		t, refs, problems := part(whole, symbols, want)
		return t, refs, problems
	}
	var refs []Reference
	var problems []Problem
	for _, p := range parts {
		if p.IsExpr {
			_, r, found := part(p, symbols, Type{})
			refs, problems = append(refs, r...), append(problems, found...)
		}
	}
	if len(problems) == 0 && want.Of != "" && !Fits(String, want) {
		p := mismatch(text, String, want)
		p.Hint = "let one `${{ }}` be the whole value, so that it keeps its type"
		problems = append(problems, p)
	}
	return String, refs, problems
}

func part(p Part, symbols Symbols, want Type) (Type, []Reference, []Problem) {
	program, problems := Compile(p.Expr, symbols, want)
	if len(problems) > 0 {
		for i := range problems {
			problems[i].Start += p.Start
			problems[i].End += p.Start
		}
		return Type{Of: action.Any}, nil, problems
	}
	refs := make([]Reference, len(program.references))
	for i, r := range program.references {
		r.Start, r.End = r.Start+p.Start, r.End+p.Start
		refs[i] = r
	}
	return program.typ, refs, nil
}

// Bare returns the expression of a condition, which may be written with or
// without ${{ }}, and the byte where it begins.
func Bare(text string) (string, int, *Problem) {
	if !strings.Contains(text, opening) {
		return text, 0, nil
	}
	parts, problem := ParseTemplate(text)
	if problem != nil {
		return "", 0, problem
	}
	if whole, ok := Whole(parts); ok {
		return whole.Expr, whole.Start, nil
	}
	return "", 0, &Problem{
		Rule: RuleSyntax, Message: "a condition is one expression, not a text with expressions in it",
		Hint: "write all of it inside one `${{ }}`", End: len(text),
	}
}
