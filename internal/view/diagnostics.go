package view

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Diagnostics writes what is wrong with files, in the order of their lines and
// in the form of runbook.Render, fitted to the terminal; how many there are of
// what goes to standard error. source returns a file's bytes for the excerpt,
// or nil.
func (p *Printer) Diagnostics(files int, ds runbook.Diagnostics, source func(file string) []byte) error {
	ds = ds.Sorted()
	if p.format == JSON {
		return p.JSON(newFindingsData(files, ds))
	}
	return errors.Join(p.findings(ds, source), p.count(files, ds))
}

// Complaints is Diagnostics as talk, whatever the format: for a command whose
// data is something else, and that does not get that far.
func (p *Printer) Complaints(files int, ds runbook.Diagnostics, source func(file string) []byte) error {
	ds = ds.Sorted()
	pg := p.prose(p.err)
	pg.diagnostics(ds, source)
	pg.gap()
	pg.para(0, totals(files, ds))
	return p.print(p.err, pg)
}

// findings writes sorted findings as text to standard output.
func (p *Printer) findings(ds runbook.Diagnostics, source func(file string) []byte) error {
	pg := p.prose(p.out)
	pg.diagnostics(ds, source)
	return p.print(p.out, pg)
}

// count says on standard error how much is wrong, below the findings if both
// go to a terminal.
func (p *Printer) count(files int, ds runbook.Diagnostics) error {
	pg := p.prose(p.err)
	if len(ds) > 0 && p.out.file != nil {
		pg.raw("")
	}
	pg.para(0, totals(files, ds))
	return p.print(p.err, pg)
}

func totals(files int, ds runbook.Diagnostics) string {
	failing, odd := tally(ds)
	return plural(files, "file") + ": " + plural(failing, "error") + ", " + plural(odd, "warning") + "."
}

// diagnostics adds findings with an empty line between them.
func (pg *page) diagnostics(ds runbook.Diagnostics, source func(file string) []byte) {
	for _, d := range ds {
		pg.gap()
		pg.diagnostic(d, source)
	}
}

// plainText is what a finding says and, below it, what to do.
func plainText(d runbook.Diagnostic) string { return joined("\n", inline(d.Summary), inline(d.Detail)) }

// tally counts findings by their severity.
func tally(ds runbook.Diagnostics) (failing, odd int) {
	for _, d := range ds {
		if d.Severity == runbook.Error {
			failing++
		} else {
			odd++
		}
	}
	return failing, odd
}

func (pg *page) diagnostic(d runbook.Diagnostic, source func(string) []byte) {
	color := wants
	if d.Severity == runbook.Error {
		color = bad
	}
	place := inline(d.Span.String())
	what := pg.theme.paint(color, inline(string(d.Severity)+"["+d.Code+"]")) + ": "
	if printed(place)+2+printed(what)+24 <= pg.width {
		what = pg.theme.paint(strong, place) + ": " + what
	} else {
		pg.raw(pg.theme.paint(strong, place) + ":")
	}
	if room := pg.width - printed(what); room >= 24 {
		lines := wrap(inline(d.Summary), room)
		pg.raw(what + lines[0])
		for _, l := range lines[1:] {
			pg.raw("    " + l)
		}
	} else {
		pg.raw(what)
		pg.para(4, d.Summary)
	}
	if source != nil && d.Span.Start.Line > 0 {
		pg.excerpt(source(d.Span.File), d.Span, color)
	}
	for _, r := range d.Related {
		pg.hang(2, "see ", r.Span.String()+": "+r.Message, normal)
	}
	if d.Detail != "" {
		pg.hang(2, "help: ", d.Detail, normal)
	}
}

// excerpt shows the line where a span begins with a caret below the span. A
// long line is cut so that the caret stays in sight.
func (pg *page) excerpt(source []byte, s runbook.Span, color ink) {
	for n := 1; n < s.Start.Line && source != nil; n++ {
		i := bytes.IndexByte(source, '\n')
		if i < 0 {
			return
		}
		source = source[i+1:]
	}
	if source == nil {
		return
	}
	if i := bytes.IndexByte(source, '\n'); i >= 0 {
		source = source[:i]
	}
	from, to := byteOf(source, s.Start.Column), len(source)
	if s.End.Line == s.Start.Line {
		to = max(from, byteOf(source, s.End.Column))
	}
	show := func(b []byte) string {
		return strings.ReplaceAll(strings.ReplaceAll(action.Clean(string(b)), "\t", "  "), "\n", " ")
	}
	gutter := fmt.Sprintf("  %d | ", s.Start.Line)
	room := min(pg.width, 120) - len(gutter)
	before := show(source[max(0, from-4*room):from])
	if w := printed(before); w > room*2/3 {
		before = lastCells(before, room/2)
	}
	marked := pg.theme.cut(show(source[from:min(to, from+4*room)]), room-printed(before))
	after := show(source[min(to, len(source)):min(len(source), to+4*room)])
	pg.raw(pg.theme.paint(faint, gutter) + before + marked + pg.theme.cut(after, max(room-printed(before+marked), 0)))
	pg.raw(pg.theme.paint(faint, strings.Repeat(" ", len(gutter)-2)+"| ") + strings.Repeat(" ", printed(before)) +
		pg.theme.paint(color, strings.Repeat("^", max(printed(marked), 1))))
}

// byteOf is where a column begins; columns count characters from 1.
func byteOf(line []byte, column int) int {
	at := 0
	for ; column > 1 && at < len(line); column-- {
		_, n := utf8.DecodeRune(line[at:])
		at += n
	}
	return at
}

// lastCells is the end of a line, marked as cut off.
func lastCells(line string, cells int) string {
	r := []rune(line)
	for len(r) > 0 && printed(string(r)) > cells-3 {
		r = r[1:]
	}
	return "..." + string(r)
}
