// Package stix is the conditions of CACAO playbooks: comparison expressions
// in the grammar of STIX 2.1 patterns (OASIS, section 9.6), over variables.
//
// [Parse] reads a condition and finds the first thing that is wrong with it,
// with its place and what was probably meant. [Translate] turns every
// condition that can be parsed into an expression of irctl's own language, or
// says why its parts do not fit each other.
//
// Files, in reading order: node.go (the tree), lexer.go, parser.go, cel.go.
package stix

// Kind is what a Node is. The zero value is invalid.
type Kind int

// The kinds of nodes.
const (
	And     Kind = iota + 1 // all of Nodes
	Or                      // one of Nodes
	Not                     // not the one of Nodes
	Compare                 // the variable Name, Op, Values
	Exists                  // the variable Name has a value
	Truth                   // the variable Name, a bool, is true
)

// Node is a condition or a part of one. Start and End are bytes of the text.
type Node struct {
	Kind       Kind
	Start, End int
	Nodes      []*Node // And, Or, Not

	Name    Operand // Compare, Exists, Truth: the variable
	Op      string  // Compare: "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"
	Negated bool    // Compare: NOT stands before Op
	Values  []Operand
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
