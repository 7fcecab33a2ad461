package runbook

import "fmt"

// Position is a place in a file. Line and Column count from 1; columns count
// Unicode characters. The zero value is "no place".
type Position struct {
	Line   int
	Column int
	Offset int // bytes from the file's beginning
}

// Span is a piece of a file, End exclusive. The zero value is "no place".
type Span struct {
	File       string
	Start, End Position
}

// String returns file:line:col.
func (s Span) String() string {
	if s.Start.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Start.Line, s.Start.Column)
}

// Text is a string with its place. The zero value is "not given".
type Text struct {
	Value string
	Span  Span
}

// Given reports whether the text stood in the file.
func (t Text) Given() bool { return t.Span.Start.Line != 0 }
