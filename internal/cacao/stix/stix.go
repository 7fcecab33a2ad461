// Package stix is the conditions of CACAO playbooks: comparison expressions
// in the grammar of STIX 2.1 patterns (OASIS, section 9.6), over variables.
//
// [Translate] reads a condition and turns it into an expression of irctl's own
// language. It finds the first thing that is wrong with the text, with its place
// and what was probably meant, or says why its parts do not fit each other.
//
// Files, in reading order: stix.go (what goes in and comes out), token.go,
// parse.go, cel.go (the expression).
package stix

import "fmt"

// Kind is what an Operand is. The zero value is invalid.
type Kind int

// The kinds of operands, and of the other words of a condition.
const (
	Variable Kind = iota + 1 // Text is its name, "__x__"
	Text                     // 'text'
	Integer                  // 10
	Float                    // 1.5
	Bool                     // true, false
	Time                     // t'2026-03-01T14:30:00Z'
	Hex                      // h'ab01'
	Binary                   // b'YQ==', base64

	sign // an operator, a bracket or a comma
	end
)

// Operand is a variable or a literal.
type Operand struct {
	Kind       Kind
	Text       string // of a literal its content, escapes resolved
	Start, End int
}

// Known is what Translate needs to know about a variable.
type Known struct {
	Expr string // how an expression reads it: "vars.host"; it fails where there is no value
	Type string // CACAO's word: "integer"
	// Given is Expr without the failure: null where there is no value.
	Given string
}

// Problem is what is wrong with a condition: where, what, and what to do.
type Problem struct {
	Start, End    int // bytes of the text
	Message, Hint string
	Reason        Reason
}

// Reason is why a condition cannot be an expression. The zero value is that it
// is none.
type Reason int

// The reasons besides the grammar.
const (
	Mismatch   Reason = iota + 1 // the parts do not fit each other
	Undeclared                   // nobody declared a variable
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
		return "", []*Problem{{End: len(text), Message: fmt.Sprintf("the condition has %d bytes, the most is %d", len(text), maxText), Hint: "split it over several steps"}}
	}
	p := &parser{translation: translation{lookup: lookup}}
	p.tokens, p.wrong = tokens(text)
	if p.wrong != nil {
		return "", []*Problem{p.wrong}
	}
	bracket := p.accept("[")
	out := p.or(0)
	if bracket {
		p.expect("]")
	}
	if p.next().Kind != end {
		p.unexpected("AND, OR or the end of the condition")
	}
	if p.wrong != nil {
		return "", []*Problem{p.wrong}
	}
	return out.text, p.problems
}
