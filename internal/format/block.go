package format

import "github.com/irctl/irctl/pkg/runbook"

// file is a whole file: the document, and the lines around it, such as `---`.
type file struct {
	head []string
	root *block
	foot []string
}

// block is a value that is cut into pieces: a mapping or a list whose entries
// stand on lines of their own, or anything that stays in one piece.
type block struct {
	value   *runbook.Value
	entries []*entry // of a mapping or a list
	piece   *piece   // of anything else
	column  int      // where its entries began, from 0
	tail    []remark // comments after the last entry that belong to the block
}

// isList reports whether the entries are those of a list.
func (b *block) isList() bool { return b.value.Kind == runbook.ListValue }

// entry is an entry of a mapping or a list.
type entry struct {
	lead  []remark // comments and empty lines above it
	key   string   // as written; "" in a list
	name  string   // what the key means
	trail string   // comment behind the key or the dash when the value stands below, with the spaces before it
	value *block   // nil: nothing is behind the key or the dash
}

// remark is a line without content: a comment, or an empty line if it is "".
type remark struct {
	text   string
	column int // where the comment began, from 0
}

// piece is a value that stays as it was written.
type piece struct {
	lines []string // the first stands behind the key, the others below, indented from the key
	flow  bool     // a list or mapping in brackets on one line: its spaces are not kept
	below bool     // the first line stands below the key, too
	lead  []remark // then: comments between the key and it
	trail string   // comment behind the value, with the spaces before it
	head  bool     // the comment stands behind the first line: that of a block text
}
