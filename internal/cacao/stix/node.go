// Package stix is the conditions of CACAO playbooks: comparison expressions
// in the grammar of STIX 2.1 patterns (OASIS, section 9.6), over variables.
//
// [Translate] reads a condition and turns it into an expression of irctl's own
// language. It finds the first thing that is wrong with the text, with its place
// and what was probably meant, or says why its parts do not fit each other.
//
// Files, in reading order: node.go (words of a condition), lexer.go, parser.go,
// cel.go (the expression).
package stix

// comparison compares a variable with values.
type comparison struct {
	name    Operand
	op      string // "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"
	negated bool   // NOT stands before op
	values  []Operand
}

// OperandKind is what an Operand is. The zero value is invalid.
type OperandKind int

// The kinds of operands.
const (
	Variable OperandKind = iota + 1 // Text is its name, "__x__"
	Text                            // 'text'
	Integer                         // 10
	Float                           // 1.5
	Bool                            // true, false
	Time                            // t'2026-03-01T14:30:00Z'
	Hex                             // h'ab01'
	Binary                          // b'YQ==', base64
)

// Operand is a variable or a literal.
type Operand struct {
	Kind       OperandKind
	Text       string // of a literal its content, escapes resolved
	Start, End int
}

// Problem is what is wrong with a condition: where, what, and what to do.
type Problem struct {
	Start, End    int // bytes of the text
	Message, Hint string
	Type          bool // the parts do not fit each other; the grammar is kept
}
