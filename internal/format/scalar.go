package format

import (
	"bytes"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// piece cuts a value that stays as it is written. Only how far its later lines
// are indented may change.
func (c *cutter) piece(v *runbook.Value, base int) *piece {
	text := c.slice(v.Span)
	p := &piece{}
	switch {
	case text != "" && (text[0] == '|' || text[0] == '>') && v.Kind == runbook.StringValue:
		c.blockText(p, v, text)
		return p
	case text != "" && (text[0] == '{' || text[0] == '['):
		p.lines = relative(text, base)
		_, p.flow = c.flow(v)
		p.flow = p.flow && len(p.lines) == 1
	default:
		p.lines = strings.Split(text, "\n")
		for i := range p.lines[1:] {
			p.lines[i+1] = below(strings.TrimLeft(p.lines[i+1], " \t"))
		}
	}
	c.at = v.Span.End.Offset
	c.behind = &p.trail
	return p
}

// below indents a line by two spaces, unless it is empty.
func below(line string) string {
	if line == "" {
		return ""
	}
	return "  " + line
}

// relative splits a text that stands in brackets into lines, each indented as
// far from the key as it was.
func relative(text string, base int) []string {
	out := strings.Split(text, "\n")
	for i := range out[1:] {
		line := strings.TrimRight(out[i+1], " \t")
		inner := strings.TrimLeft(line, " ")
		if inner != "" {
			inner = strings.Repeat(" ", max(len(line)-len(inner)-base, 0)) + inner
		}
		out[i+1] = inner
	}
	return out
}

// blockText cuts a text behind | or >. What it says of its indentation is
// corrected, its lines keep the spaces that are theirs.
func (c *cutter) blockText(p *piece, v *runbook.Value, text string) {
	header, content, more := strings.Cut(text, "\n")
	if !more { // no content: the tree knows the header alone
		end := bytes.IndexByte(c.text[c.at:], '\n')
		if end < 0 {
			end = len(c.text) - c.at
		}
		header = string(c.text[c.at : c.at+end])
	}
	marks := header[:len(header)-len(strings.TrimLeft(header, "|>+-0123456789"))]
	c.at += len(marks)
	p.head, c.behind = true, &p.trail
	if rest := strings.TrimLeft(header[len(marks):], " \t"); strings.HasPrefix(rest, "#") {
		c.at += len(header) - len(marks) - len(rest)
		p.trail = " " + strings.TrimRight(c.comment(), " \t")
	}
	p.lines = []string{strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '2'
		}
		return r
	}, marks)}
	if !more {
		return
	}
	indent := v.TextStart.Column - 1
	for _, line := range strings.Split(content, "\n") {
		p.lines = append(p.lines, below(strings.TrimRight(line[min(indent, len(line)):], "\n")))
	}
	c.at = v.Span.End.Offset
	if strings.Contains(marks, "+") && bytes.HasPrefix(c.text[c.at:], []byte("\n\n")) { // the empty lines below are part of it
		for c.at++; c.at < len(c.text) && c.text[c.at] == '\n'; c.at++ {
			p.lines = append(p.lines, "")
		}
	}
}
