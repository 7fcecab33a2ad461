package format

import (
	"bytes"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// cutter goes through a text from its beginning to its end, along its tree.
// After the first doubt it goes on to the end and cuts nothing of use.
type cutter struct {
	name     string
	text     []byte
	at       int      // what is before is cut
	behind   *string  // where a comment on the same line goes
	comments []string // all of them
	err      *RefusedError
}

// refuse remembers that a place is not understood.
func (c *cutter) refuse(at runbook.Position, why string) {
	if c.err == nil {
		c.err = &RefusedError{Span: runbook.Span{File: c.name, Start: at, End: at}, Why: why}
	}
}

// meet says that the next thing must be a value's beginning.
func (c *cutter) meet(at runbook.Position) {
	if c.at != at.Offset {
		c.refuse(at, "what stands before this is not written as irctl fmt knows it; write `key: value`")
		c.at = at.Offset
	}
}

func (c *cutter) file(tree *runbook.Value) file {
	var f file
	lead := c.gap()
	if mark := []byte("---"); bytes.HasPrefix(c.text[c.at:], mark) && c.at < tree.Span.Start.Offset {
		f.head = append(lines(lead), "---")
		c.at += len(mark)
		trail := ""
		c.behind = &trail
		from := c.at
		lead = c.gap()
		if c.at == tree.Span.Start.Offset && bytes.IndexByte(c.text[from:c.at], '\n') < 0 {
			c.refuse(tree.Span.Start, "begin the document on the line below ---")
		}
		f.head[len(f.head)-1] += trail
	}
	c.meet(tree.Span.Start)
	f.root = c.block(tree, lead, 0)
	rest := c.gap()
	if f.root.piece == nil {
		c.giveBack(f.root, rest, -1)
	} else {
		f.foot = lines(rest)
	}
	if c.at < len(c.text) {
		f.foot = append(f.foot, strings.TrimRight(string(c.text[c.at:]), " \t\n"))
	}
	return f
}

func lines(remarks []remark) []string {
	return each.Of(remarks, func(r remark) string { return r.text })
}

// gap goes over spaces, line ends and comments and returns the comments and
// empty lines. A comment on the line where it begins goes behind what was cut
// last.
func (c *cutter) gap() []remark {
	var out []remark
	from, begin := c.at, bytes.LastIndexByte(c.text[:c.at], '\n')+1
	fresh := begin == c.at // nothing stands on the line so far
	for c.at < len(c.text) {
		switch ch := c.text[c.at]; {
		case ch == ' ' || ch == '\t':
			c.at++
		case ch == '\n':
			if fresh {
				out = append(out, remark{})
			}
			c.at++
			fresh, begin = true, c.at
		case ch == '#' && (c.at == begin || c.text[c.at-1] == ' ' || c.text[c.at-1] == '\t'):
			text := c.comment()
			if fresh {
				out = append(out, remark{text, c.at - len(text) - begin})
				fresh = false // the line end is not that of an empty line
			} else if c.behind != nil {
				*c.behind = strings.Repeat(" ", max(1, c.at-len(text)-from)) + strings.TrimRight(text, " \t")
				c.behind = nil
			}
		default:
			return out
		}
	}
	return out
}

// comment cuts off a comment, up to the end of its line.
func (c *cutter) comment() string {
	end := bytes.IndexByte(c.text[c.at:], '\n')
	if end < 0 {
		end = len(c.text) - c.at
	}
	text := string(c.text[c.at : c.at+end])
	c.comments = append(c.comments, strings.TrimRight(text, " \t"))
	c.at += end
	return text
}

// block cuts a value, whose beginning has been reached. lead stands above it,
// base is the column of what it belongs to.
func (c *cutter) block(v *runbook.Value, lead []remark, base int) *block {
	first := byte(0)
	if v.Span.Start.Offset < len(c.text) {
		first = c.text[v.Span.Start.Offset]
	}
	switch {
	case v.Kind == runbook.MapValue && first != '{':
		return c.mapping(v, lead)
	case v.Kind == runbook.ListValue && first != '[':
		return c.list(v, lead)
	}
	p := c.piece(v, base)
	p.lead = lead
	return &block{value: v, piece: p}
}

func (c *cutter) mapping(v *runbook.Value, lead []remark) *block {
	b := &block{value: v, column: v.Span.Start.Column - 1}
	for i, pair := range v.Pairs {
		if i > 0 {
			lead = c.giveBack(b.entries[i-1].value, c.gap(), b.column)
		}
		c.meet(pair.Key.Span.Start)
		e := &entry{lead: lead, key: c.slice(pair.Key.Span), name: pair.Key.Value}
		c.at = pair.Key.Span.End.Offset
		if strings.Contains(e.key, "\n") {
			c.refuse(pair.Key.Span.Start, "write the key on one line")
		}
		for c.at < len(c.text) && (c.text[c.at] == ' ' || c.text[c.at] == '\t') {
			c.at++
		}
		if c.at < len(c.text) && c.text[c.at] == ':' {
			c.at++
		} else {
			c.refuse(pair.Key.Span.Start, "write the colon behind the key")
		}
		c.value(e, pair.Value, pair.Key.Span.Start.Column-1)
		b.entries = append(b.entries, e)
	}
	return b
}

func (c *cutter) list(v *runbook.Value, lead []remark) *block {
	b := &block{value: v, column: v.Span.Start.Column - 1}
	for i, item := range v.Items {
		if i > 0 {
			lead = c.giveBack(b.entries[i-1].value, c.gap(), b.column)
		}
		if c.at >= len(c.text) || c.text[c.at] != '-' {
			c.refuse(item.Span.Start, "write the entry behind a dash of its own")
			c.at = max(c.at, item.Span.Start.Offset)
		} else {
			c.at++
		}
		e := &entry{lead: lead}
		c.value(e, item, b.column)
		b.entries = append(b.entries, e)
	}
	return b
}

// value cuts what stands behind a key or a dash.
func (c *cutter) value(e *entry, v *runbook.Value, base int) {
	c.behind = &e.trail
	if v.Kind == runbook.Null && v.Text == "" {
		return
	}
	from := c.at
	lead := c.gap()
	c.meet(v.Span.Start)
	below := bytes.IndexByte(c.text[from:c.at], '\n') >= 0
	e.value = c.block(v, lead, base)
	if e.value.piece != nil {
		e.value.piece.below = below
	}
}

// giveBack hands comments that stand deeper than a column to the blocks before
// them, and returns the lines that belong to what follows.
func (c *cutter) giveBack(before *block, remarks []remark, column int) []remark {
	var chain []*block // the blocks that end here, the outermost first
	for b := before; b != nil && b.piece == nil; b = b.entries[len(b.entries)-1].value {
		chain = append(chain, b)
	}
	deep := 0 // how many of the lines belong to them
	for i, r := range remarks {
		if r.text != "" && r.column > column {
			deep = i + 1
		}
	}
	if len(chain) == 0 {
		return remarks
	}
	level, from := len(chain)-1, 0
	for i, r := range remarks[:deep] {
		if r.text == "" {
			continue
		}
		for level > 0 && chain[level].column > r.column {
			level--
		}
		chain[level].tail = append(chain[level].tail, remarks[from:i+1]...)
		from = i + 1
	}
	return remarks[deep:]
}

func (c *cutter) slice(s runbook.Span) string { return string(c.text[s.Start.Offset:s.End.Offset]) }
