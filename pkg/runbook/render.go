package runbook

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Sorted returns the findings in the order of files and places, each once.
func (ds Diagnostics) Sorted() Diagnostics {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Span.File, b.Span.File),
			cmp.Compare(a.Span.Start.Line, b.Span.Start.Line),
			cmp.Compare(a.Span.Start.Column, b.Span.Start.Column),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Severity == b.Severity && a.Code == b.Code && a.Summary == b.Summary && a.Detail == b.Detail && a.Span == b.Span
	})
}

// windowWidth is how much of a source line is shown, in columns.
const windowWidth = 96

// Render writes the findings as plain text, sorted: where and what, the source
// line with the place underlined, and what to do. Lines of files that are not
// in sources are left out. All text is made harmless for a terminal.
func (ds Diagnostics) Render(w io.Writer, sources map[string][]byte) error {
	lines := map[string][][]byte{}
	for i, d := range ds.Sorted() {
		var b strings.Builder
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s[%s]: %s\n", clean(d.Span.String()), d.Severity, d.Code, clean(d.Summary))
		if _, ok := lines[d.Span.File]; !ok {
			lines[d.Span.File] = bytes.Split(sources[d.Span.File], []byte{'\n'})
		}
		if n := d.Span.Start.Line; n > 0 && n <= len(lines[d.Span.File]) && len(sources[d.Span.File]) > 0 {
			excerpt(&b, lines[d.Span.File][n-1], d.Span)
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  see %s: %s\n", clean(r.Span.String()), clean(r.Message))
		}
		if d.Detail != "" {
			fmt.Fprintf(&b, "  help: %s\n", clean(d.Detail))
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write diagnostics: %w", err)
		}
	}
	return nil
}

// excerpt writes a source line and underlines the span's part of it.
func excerpt(b *strings.Builder, line []byte, at Span) {
	from := at.Start.Column - 1
	to := at.End.Column - 1
	if at.End.Line > at.Start.Line {
		to = len(line) // of several lines the first is shown
	}
	text, before, marked := window(line, from, max(to, from+1))
	number := fmt.Sprint(at.Start.Line)
	fmt.Fprintf(b, "  %s | %s\n", number, text)
	fmt.Fprintf(b, "  %s | %s%s\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", before), strings.Repeat("^", max(marked, 1)))
}

// window cuts a piece out of a line around the characters [from, to). It
// returns the piece, and the width of what comes before the place and of the
// place itself, in columns of a terminal.
func window(line []byte, from, to int) (text string, before, marked int) {
	// A line may be a megabyte: decode no more than can be shown.
	runes := bytes.Runes(line[:min(len(line), 4*(from+2*windowWidth))])
	if n := len(runes); n > 0 && runes[n-1] == '\r' {
		runes = runes[:n-1]
	}
	from, to = min(from, len(runes)), min(to, len(runes))
	start := 0
	if columns(runes[:from]) > windowWidth*2/3 {
		start = from
		for w := 0; start > 0 && w < windowWidth/3; start-- {
			w += columns(runes[start-1 : start])
		}
	}
	end, w := start, 0
	for end < len(runes) && w < windowWidth {
		w += columns(runes[end : end+1])
		end++
	}
	text = shown(runes[start:end])
	before, marked = columns(runes[start:from]), columns(runes[from:max(from, min(to, end))])
	if start > 0 {
		text, before = "… "+text, before+2
	}
	if end < len(runes) {
		text += " …"
	}
	return strings.TrimRight(text, " "), before, marked
}

// shown makes characters visible and harmless; columns counts what it gives.
func shown(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case harmful(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func columns(runes []rune) int {
	n := 0
	for _, r := range runes {
		switch {
		case r == '\t':
			n += 4
		case harmful(r):
			n++
		case unicode.In(r, unicode.Mn, unicode.Me):
		case r >= 0x1100 && (width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth):
			n += 2
		default:
			n++
		}
	}
	return n
}

// clean makes a message one harmless line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if harmful(r) {
			return '?'
		}
		return r
	}, s)
}

// harmful reports characters that move the cursor, hide or reverse text.
func harmful(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar
}
