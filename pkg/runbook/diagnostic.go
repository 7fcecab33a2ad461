package runbook

import "slices"

// Severity says whether a finding stops a runbook from running. The zero value
// is invalid.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic is one finding about a file: what is wrong, where, and what to do.
type Diagnostic struct {
	Severity Severity
	Code     string // stable, "IR0102"; see the list of codes in codes.go
	Summary  string // one line: what is wrong
	Detail   string // what to do about it; may be empty
	Span     Span
	Related  []Related // other places that the finding is about
	// Fix is what to write where it is certain what was meant, nil otherwise.
	Fix *Edit
}

// Related is another place that a finding is about, with what is there.
type Related struct {
	Span    Span
	Message string
}

// Edit replaces a piece of a file by a text. An edit says nothing of other
// edits: two of them may overlap.
type Edit struct {
	Span Span
	Text string
}

// Diagnostics are findings in the order in which they were made. They are
// sorted once, when they are rendered ([Diagnostics.Sorted]).
type Diagnostics []Diagnostic

// HasErrors reports whether one of the findings is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}
