package expr

import (
	"fmt"
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

// ParseTemplate splits a text at its ${{ }}. A text that holds any has a bound:
// it is gone through again for each mistake in it.
func ParseTemplate(text string) ([]Part, *Problem) {
	if !strings.Contains(text, opening) {
		return literalPart(nil, text, 0, len(text)), nil
	}
	if len(text) > maxTemplate {
		return nil, &Problem{
			Rule: RuleLimit, End: len(opening), Message: fmt.Sprintf("the text has %d bytes; with `${{ }}` in it the most is %d", len(text), maxTemplate),
			Hint: "keep the long part in a text of its own, or write `$${{` if `${{` itself is meant",
		}
	}
	parts := make([]Part, 0, 3)
	from, expressions := 0, 0 // where the literal text that is read begins
	for i := 0; i < len(text); {
		n := strings.Index(text[i:], opening)
		if n < 0 {
			break
		}
		at := i + n
		if at > i && text[at-1] == '$' { // $${{
			i = at + len(opening)
			continue
		}
		parts = literalPart(parts, text[from:at], from, at)
		start := at + len(opening)
		length := expressionLength(text[start:])
		if length < 0 {
			return nil, &Problem{
				Rule: RuleSyntax, Start: at, End: start, Message: "`${{` is not closed",
				Hint: "write `}}` after the expression, or `$${{` if the text itself is meant",
			}
		}
		if expressions++; expressions > maxParts {
			return nil, &Problem{
				Rule: RuleLimit, Start: at, End: start, Message: fmt.Sprintf("the text has more than %d expressions", maxParts),
				Hint: "make several texts of it",
			}
		}
		parts = append(parts, Part{Expr: text[start : start+length], IsExpr: true, Start: start, End: start + length})
		i = start + length + len(closing)
		from = i
	}
	return literalPart(parts, text[from:], from, len(text)), nil
}

// literalPart adds a piece of literal text, its escapes resolved.
func literalPart(parts []Part, text string, start, end int) []Part {
	if text == "" {
		return parts
	}
	return append(parts, Part{Text: strings.ReplaceAll(text, escaped, opening), Start: start, End: end})
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
func (c *Compiler) Template(text string, symbols Symbols, want Type) (Type, []Reference, []Problem) {
	parts, problem := ParseTemplate(text)
	if problem != nil {
		return Type{}, nil, []Problem{*problem}
	}
	if whole, ok := Whole(parts); ok {
		t, refs, problems := c.part(whole, symbols, want)
		return t, refs, problems
	}
	var refs []Reference
	var problems []Problem
	for _, p := range parts {
		if p.IsExpr {
			_, r, found := c.part(p, symbols, Type{})
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

func (c *Compiler) part(p Part, symbols Symbols, want Type) (Type, []Reference, []Problem) {
	program, problems := c.Compile(p.Expr, symbols, want)
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
