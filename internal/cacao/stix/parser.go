package stix

import (
	"fmt"
	"strings"
)

// The bounds of a condition.
const (
	maxText  = 4 << 10 // bytes
	maxDepth = 32      // parentheses and NOTs inside each other
)

// Translate turns a condition into an expression of irctl that is true or
// false. The expression fails where a variable has no value (null): what is
// unknown decides nothing. The whole may stand in one pair of brackets, as an
// observation does in a STIX pattern.
//
// A text that is no condition gives the first problem alone; otherwise the
// problems are those of types, and those that lookup returns for variables that
// are not known.
func Translate(text string, lookup func(name Operand) (Known, *Problem)) (string, []*Problem) {
	if len(text) > maxText {
		return "", []*Problem{{0, len(text), fmt.Sprintf("the condition has %d bytes, the most is %d", len(text), maxText), "split it over several steps", false}}
	}
	tokens, problem := lex(text)
	if problem != nil {
		return "", []*Problem{problem}
	}
	p := &parser{tokens: tokens, translation: translation{lookup: lookup}}
	bracket := p.accept("[")
	out, problem := p.or(0)
	switch {
	case problem != nil:
	case bracket && !p.accept("]"):
		problem = p.unexpected("`]`")
	case p.next().kind != "end":
		problem = p.unexpected("AND, OR or the end of the condition")
	}
	if problem != nil {
		return "", []*Problem{problem}
	}
	return out.text, p.problems
}

// part is a part of the expression.
type part struct {
	text   string
	joined bool // by && or ||
}

type parser struct {
	tokens []token
	at     int
	translation
}

func (p *parser) next() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != "end" {
		p.at++
	}
	return t
}

func (p *parser) accept(kind string) bool {
	if p.next().kind != kind {
		return false
	}
	p.take()
	return true
}

func (p *parser) word(w string) bool {
	if t := p.next(); t.kind != "word" || t.text != w {
		return false
	}
	p.take()
	return true
}

func (p *parser) unexpected(want string) *Problem {
	t := p.next()
	if t.kind == "end" {
		return &Problem{t.start, t.end, "the condition ends early", want + " is expected", false}
	}
	return &Problem{t.start, t.end, want + " is expected here", "", false}
}

func (p *parser) or(depth int) (part, *Problem) { return p.row("OR", " || ", depth, p.and) }

func (p *parser) and(depth int) (part, *Problem) { return p.row("AND", " && ", depth, p.not) }

// row reads parts that are joined by one operator. AND binds closer than OR.
func (p *parser) row(operator, written string, depth int, read func(int) (part, *Problem)) (part, *Problem) {
	first, problem := read(depth)
	all := []part{first}
	for problem == nil && p.word(operator) {
		var one part
		one, problem = read(depth)
		all = append(all, one)
	}
	if problem != nil || len(all) == 1 {
		return first, problem
	}
	texts := make([]string, len(all))
	for i, one := range all {
		if texts[i] = one.text; one.joined {
			texts[i] = "(" + one.text + ")"
		}
	}
	return part{strings.Join(texts, written), true}, nil
}

func (p *parser) not(depth int) (part, *Problem) {
	start := p.next()
	switch {
	case depth > maxDepth:
		return part{}, &Problem{start.start, start.end, "the condition is nested too deep", "split it over several steps", false}
	case p.word("NOT"):
		inner, problem := p.not(depth + 1)
		return part{text: "!(" + inner.text + ")"}, problem
	case p.accept("("):
		inner, problem := p.or(depth + 1)
		if problem == nil && !p.accept(")") {
			problem = p.unexpected("`)`")
		}
		return inner, problem
	}
	text, problem := p.statement()
	return part{text: text}, problem
}

// statement reads what is said of one variable.
func (p *parser) statement() (string, *Problem) {
	exists := p.word("EXISTS")
	name, problem := p.variable()
	switch {
	case problem != nil:
		return "", problem
	case exists:
		return p.exists(name), nil
	}
	c := comparison{name: name, negated: p.word("NOT")}
	t := p.next()
	switch {
	case t.kind == "op", t.kind == "word" && t.text != "AND" && t.text != "OR" && t.text != "NOT" && t.text != "EXISTS":
		c.op = p.take().text
	case c.negated:
		return "", p.unexpected("an operator")
	case t.kind == "operand" || t.kind == "(":
		return "", p.unexpected("an operator such as = or IN")
	default:
		return p.truth(name), nil
	}
	if c.op == "IN" {
		problem = p.set(&c)
	} else {
		problem = p.value(&c)
	}
	if problem != nil {
		return "", problem
	}
	return p.compare(c), nil
}

func (p *parser) variable() (Operand, *Problem) {
	t := p.next()
	if t.kind != "operand" || t.operand.Kind != Variable {
		problem := p.unexpected("a variable such as __name__:value")
		if t.kind == "operand" {
			problem.Hint = "the variable stands on the left of the operator"
		}
		return Operand{}, problem
	}
	return p.take().operand, nil
}

func (p *parser) value(c *comparison) *Problem {
	if p.next().kind != "operand" {
		return p.unexpected("a value")
	}
	c.values = append(c.values, p.take().operand)
	return nil
}

func (p *parser) set(c *comparison) *Problem {
	if !p.accept("(") {
		return p.unexpected("`(`")
	}
	for {
		if problem := p.value(c); problem != nil {
			return problem
		}
		switch {
		case p.accept(","):
		case p.accept(")"):
			return nil
		default:
			return p.unexpected("a comma or `)`")
		}
	}
}
