package format

import (
	"bytes"
	"strings"
)

// writer puts a file together again.
type writer struct {
	c *cutter // for the pieces
	b bytes.Buffer
}

func write(c *cutter, f file) []byte {
	w := &writer{c: c}
	for _, l := range f.head {
		w.line(0, l)
	}
	if f.root.piece != nil {
		w.remarks(0, f.root.piece.lead)
		w.piece("", f.root, 0)
	} else {
		hoist(f.root)
		w.block(f.root, 0, "")
	}
	for _, l := range f.foot {
		w.line(0, l)
	}
	return append(bytes.TrimRight(w.b.Bytes(), "\n"), '\n')
}

// hoist moves comments that cannot stand between a dash and what is behind it
// on the same line to above the dash.
func hoist(b *block) {
	for _, e := range b.entries {
		if e.value == nil {
			continue
		}
		hoist(e.value)
		if b.isList() {
			e.lead = append(e.lead, e.behindDash()...)
		}
	}
}

// behindDash takes the comments between a dash and the first thing behind it.
func (e *entry) behindDash() (out []remark) {
	if e.trail != "" {
		out = append(out, remark{text: strings.TrimSpace(e.trail)})
		e.trail = ""
	}
	var lead *[]remark
	if e.value.piece != nil {
		lead = &e.value.piece.lead
		e.value.piece.below = false
	} else {
		lead = &e.value.entries[0].lead
	}
	for _, r := range *lead {
		if r.text != "" {
			out = append(out, r)
		}
	}
	*lead = nil
	return out
}

// block writes the entries of a mapping or a list. behind is what stands on the
// first line already: dashes.
func (w *writer) block(b *block, indent int, behind string) {
	for i, e := range b.entries {
		lead := e.lead
		for i == 0 && len(lead) > 0 && lead[0].text == "" {
			lead = lead[1:]
		}
		w.remarks(indent, lead)
		at := strings.Repeat(" ", indent)
		if i == 0 && behind != "" {
			at = behind
		}
		if b.isList() {
			w.item(at, e, indent)
		} else {
			w.pair(at, e, indent)
		}
	}
	w.remarks(indent, b.tail)
}

func (w *writer) pair(at string, e *entry, indent int) {
	at += e.key + ":"
	switch {
	case e.value == nil:
		w.line(0, at+e.trail)
	case e.value.piece == nil:
		w.line(0, at+e.trail)
		w.block(e.value, indent+2, "")
	case e.value.piece.below:
		w.line(0, at+e.trail)
		w.remarks(indent+2, e.value.piece.lead)
		w.piece(strings.Repeat(" ", indent+2), e.value, indent)
	default:
		w.piece(at+" ", e.value, indent)
	}
}

func (w *writer) item(at string, e *entry, indent int) {
	switch {
	case e.value == nil:
		w.line(0, at+"-"+e.trail)
	case e.value.piece == nil:
		w.block(e.value, indent+2, at+"- ")
	default:
		w.piece(at+"- ", e.value, indent)
	}
}

// piece writes a value behind what stands on its first line.
func (w *writer) piece(at string, b *block, indent int) {
	p := b.piece
	for i, l := range p.lines {
		if p.flow {
			l, _ = w.c.flow(b.value)
		}
		if i == 0 && p.head || i == len(p.lines)-1 && !p.head {
			l += p.trail
		}
		if i == 0 {
			w.b.WriteString(at + l + "\n")
		} else {
			w.line(indent, l)
		}
	}
}

// remarks writes comments and empty lines, of several empty lines one.
func (w *writer) remarks(indent int, remarks []remark) {
	for _, r := range remarks {
		if r.text == "" && (w.b.Len() == 0 || bytes.HasSuffix(w.b.Bytes(), []byte("\n\n"))) {
			continue
		}
		w.line(indent, strings.TrimRight(r.text, " \t"))
	}
}

// line writes a line; an empty one is not indented.
func (w *writer) line(indent int, text string) {
	if text != "" {
		w.b.WriteString(strings.Repeat(" ", indent) + text)
	}
	w.b.WriteByte('\n')
}
