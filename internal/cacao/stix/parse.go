package stix

import (
	"slices"
	"strings"
)

// parser reads tokens from left to right. Behind the first problem it reads
// only the end.
type parser struct {
	tokens []Operand
	at     int
	wrong  *Problem
	translation
}

// part is a part of the expression.
type part struct {
	text   string
	joined bool // by && or ||
}

func (p *parser) next() Operand { return p.tokens[p.at] }

func (p *parser) accept(text string) bool {
	if t := p.next(); t.Kind != sign || t.Text != text {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.unexpected("`" + text + "`")
	}
}

func (p *parser) unexpected(want string) {
	if t := p.next(); t.Kind == end {
		p.fail("the condition ends early", want+" is expected")
	} else {
		p.fail(want+" is expected here", "")
	}
}

// fail notes the first problem, at the next token.
func (p *parser) fail(message, hint string) {
	if p.wrong == nil {
		p.wrong = &Problem{Start: p.next().Start, End: p.next().End, Message: message, Hint: hint}
	}
	p.at = len(p.tokens) - 1
}

func (p *parser) or(depth int) part { return p.row("OR", " || ", depth, p.and) }

func (p *parser) and(depth int) part { return p.row("AND", " && ", depth, p.not) }

// row reads parts that are joined by one operator. AND binds closer than OR.
func (p *parser) row(operator, written string, depth int, read func(int) part) part {
	all := []part{read(depth)}
	for p.accept(operator) {
		all = append(all, read(depth))
	}
	if len(all) == 1 {
		return all[0]
	}
	texts := make([]string, len(all))
	for i, one := range all {
		if texts[i] = one.text; one.joined {
			texts[i] = "(" + one.text + ")"
		}
	}
	return part{strings.Join(texts, written), true}
}

func (p *parser) not(depth int) part {
	switch {
	case depth > maxDepth:
		p.fail("the condition is nested too deep", "split it over several steps")
	case p.accept("NOT"):
		return part{text: "!(" + p.not(depth+1).text + ")"}
	case p.accept("("):
		inner := p.or(depth + 1)
		p.expect(")")
		return inner
	}
	return part{text: p.statement()}
}

// comparators are the operators between a variable and what it is compared
// with.
var comparators = []string{"=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}

// statement reads what is said of one variable.
func (p *parser) statement() string {
	exists := p.accept("EXISTS")
	c := comparison{name: p.next()}
	if c.name.Kind != Variable {
		if p.unexpected("a variable such as __name__:value"); c.name.Kind < sign && p.wrong.Hint == "" {
			p.wrong.Hint = "the variable stands on the left of the operator"
		}
		return ""
	}
	p.at++
	if exists {
		return p.exists(c.name)
	}
	c.negated = p.accept("NOT")
	switch t := p.next(); {
	case t.Kind == sign && slices.Contains(comparators, t.Text):
		c.op = t.Text
		p.at++
	case c.negated:
		p.unexpected("an operator")
	case t.Kind < sign || t.Text == "(":
		p.unexpected("an operator such as = or IN")
	default:
		return p.truth(c.name)
	}
	if c.op != "IN" {
		p.value(&c)
	} else if p.expect("("); p.wrong == nil {
		p.set(&c)
	}
	if p.wrong != nil {
		return ""
	}
	return p.compare(c)
}

func (p *parser) value(c *comparison) {
	if t := p.next(); t.Kind < sign {
		c.values = append(c.values, operand{Operand: t})
		p.at++
	} else {
		p.unexpected("a value")
	}
}

func (p *parser) set(c *comparison) {
	for p.value(c); p.accept(","); {
		p.value(c)
	}
	if !p.accept(")") {
		p.unexpected("a comma or `)`")
	}
}
