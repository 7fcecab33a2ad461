package stix

import "fmt"

// The bounds of a condition.
const (
	maxText  = 4 << 10 // bytes
	maxDepth = 32      // parentheses and NOTs inside each other
)

// Parse reads a condition. The whole may stand in one pair of brackets, as an
// observation does in a STIX pattern.
func Parse(text string) (*Node, *Problem) {
	if len(text) > maxText {
		return nil, &Problem{0, len(text), fmt.Sprintf("the condition has %d bytes, the most is %d", len(text), maxText), "split it over several steps", false}
	}
	tokens, problem := lex(text)
	if problem != nil {
		return nil, problem
	}
	p := &parser{tokens: tokens}
	bracket := p.accept("[")
	n, problem := p.or(0)
	if problem != nil {
		return nil, problem
	}
	if bracket && !p.accept("]") {
		return nil, p.unexpected("`]`")
	}
	if p.next().kind != "end" {
		return nil, p.unexpected("AND, OR or the end of the condition")
	}
	return n, nil
}

type parser struct {
	tokens []token
	at     int
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

func (p *parser) or(depth int) (*Node, *Problem) { return p.row(Or, "OR", depth, p.and) }

func (p *parser) and(depth int) (*Node, *Problem) { return p.row(And, "AND", depth, p.not) }

// row reads parts that are joined by one operator. AND binds closer than OR.
func (p *parser) row(kind Kind, operator string, depth int, part func(int) (*Node, *Problem)) (*Node, *Problem) {
	first, problem := part(depth)
	if problem != nil {
		return nil, problem
	}
	nodes := []*Node{first}
	for p.word(operator) {
		n, problem := part(depth)
		if problem != nil {
			return nil, problem
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 1 {
		return first, nil
	}
	return &Node{Kind: kind, Nodes: nodes, Start: first.Start, End: nodes[len(nodes)-1].End}, nil
}

func (p *parser) not(depth int) (*Node, *Problem) {
	start := p.next()
	if depth > maxDepth {
		return nil, &Problem{start.start, start.end, "the condition is nested too deep", "split it over several steps", false}
	}
	if p.word("NOT") {
		n, problem := p.not(depth + 1)
		if problem != nil {
			return nil, problem
		}
		return &Node{Kind: Not, Nodes: []*Node{n}, Start: start.start, End: n.End}, nil
	}
	if p.accept("(") {
		n, problem := p.or(depth + 1)
		if problem != nil {
			return nil, problem
		}
		if !p.accept(")") {
			return nil, p.unexpected("`)`")
		}
		return n, nil
	}
	return p.comparison()
}

func (p *parser) comparison() (*Node, *Problem) {
	start := p.next().start
	if p.word("EXISTS") {
		v, problem := p.variable()
		return &Node{Kind: Exists, Name: v, Start: start, End: v.End}, problem
	}
	v, problem := p.variable()
	if problem != nil {
		return nil, problem
	}
	n := &Node{Kind: Compare, Name: v, Start: start, End: v.End}
	n.Negated = p.word("NOT")
	t := p.next()
	switch {
	case t.kind == "op", t.kind == "word" && t.text != "AND" && t.text != "OR" && t.text != "NOT" && t.text != "EXISTS":
		n.Op = p.take().text
	case n.Negated:
		return nil, p.unexpected("an operator")
	case t.kind == "operand" || t.kind == "(":
		return nil, p.unexpected("an operator such as = or IN")
	default:
		n.Kind = Truth
		return n, nil
	}
	if n.Op == "IN" {
		problem = p.set(n)
	} else {
		problem = p.value(n)
	}
	return n, problem
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

func (p *parser) value(n *Node) *Problem {
	if p.next().kind != "operand" {
		return p.unexpected("a value")
	}
	o := p.take().operand
	n.Values, n.End = append(n.Values, o), o.End
	return nil
}

func (p *parser) set(n *Node) *Problem {
	if !p.accept("(") {
		return p.unexpected("`(`")
	}
	for {
		if problem := p.value(n); problem != nil {
			return problem
		}
		if p.accept(",") {
			continue
		}
		n.End = p.next().end
		if !p.accept(")") {
			return p.unexpected("a comma or `)`")
		}
		return nil
	}
}
