package finding

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// Fix makes the edits of findings about a file, which is named as their places
// are, and returns its new bytes with the findings that are no more. Of edits
// that overlap only the first is made: whoever looks again finds the others.
func Fix(file string, source []byte, found runbook.Diagnostics) ([]byte, runbook.Diagnostics) {
	var certain, done runbook.Diagnostics
	for _, d := range found {
		if f := d.Fix; f != nil && f.Span.File == file && 0 <= f.Span.Start.Offset && f.Span.Start.Offset <= f.Span.End.Offset && f.Span.End.Offset <= len(source) {
			certain = append(certain, d)
		}
	}
	slices.SortStableFunc(certain, func(a, b runbook.Diagnostic) int {
		return cmp.Compare(a.Fix.Span.Start.Offset, b.Fix.Span.Start.Offset)
	})
	var out []byte
	at := 0
	for _, d := range certain {
		from, to := d.Fix.Span.Start.Offset, d.Fix.Span.End.Offset
		if from < at || len(done) > 0 && from == done[len(done)-1].Fix.Span.Start.Offset {
			continue
		}
		out = append(append(out, source[at:from]...), inQuotes(source[from:to], d.Fix.Text)...)
		at, done = to, append(done, d)
	}
	return append(out, source[at:]...), done
}

// inQuotes is the new text in the quotes of the old one.
func inQuotes(old []byte, text string) string {
	if n := len(old); n >= 2 && old[0] == old[n-1] && (old[0] == '"' || old[0] == '\'') {
		return string(old[0]) + text + string(old[0])
	}
	return text
}
