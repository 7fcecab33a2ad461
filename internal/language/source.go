package language

import (
	"bytes"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// source is a file's text with a table of its lines. Lines end at \n alone:
// guard has refused every other character that yaml.v3 takes for a line end,
// so both agree on line numbers.
type source struct {
	file   string
	text   []byte
	handed []byte           // what yaml.v3 gets of it, with as many characters in each line
	lines  []int            // offset of each line's beginning
	last   runbook.Position // what place returned last; the next is mostly just behind it
	spare  []runbook.Value  // values to be, made together
	pairs  []runbook.Pair   // pairs to be, likewise
	items  []*runbook.Value // items to be, likewise
	wider  map[int]int      // lines of which yaml.v3 got this many characters more at the beginning
}

// next returns a value to be filled.
func (s *source) next() *runbook.Value {
	if len(s.spare) == 0 {
		s.spare = make([]runbook.Value, 64)
	}
	next := &s.spare[0]
	s.spare = s.spare[1:]
	return next
}

// room returns an empty list with room for n things, made together with others
// in spare.
func room[thing any](spare *[]thing, n int) []thing {
	if n > len(*spare) {
		if n > 32 {
			return make([]thing, 0, n)
		}
		*spare = make([]thing, 128)
	}
	out := (*spare)[:0:n]
	*spare = (*spare)[n:]
	return out
}

func newSource(file string, text []byte) *source {
	s := &source{file: file, text: text, handed: text, lines: make([]int, 1, 1+bytes.Count(text, []byte{'\n'}))}
	for end := 0; ; {
		n := bytes.IndexByte(text[end:], '\n')
		if n < 0 {
			return s
		}
		end += n + 1
		s.lines = append(s.lines, end)
	}
}

// place turns a line and a column into a position inside the file. Asked in
// the file's order, all places together cost one pass.
func (s *source) place(line, column int) runbook.Position {
	line = min(max(line, 1), len(s.lines))
	column -= s.wider[line]
	p := runbook.Position{Line: line, Column: 1, Offset: s.lines[line-1]}
	if s.last.Line == line && s.last.Column <= column {
		p = s.last
	}
	for p.Column < column && p.Offset < len(s.text) && s.text[p.Offset] != '\n' {
		_, n := utf8.DecodeRune(s.text[p.Offset:])
		p.Offset += n
		p.Column++
	}
	s.last = p
	return p
}

// advance moves a position forward to an offset.
func (s *source) advance(p runbook.Position, to int) runbook.Position {
	to = min(to, len(s.text))
	for i := p.Offset; i < to; i++ {
		switch c := s.text[i]; {
		case c == '\n':
			p.Line++
			p.Column = 1
		case utf8.RuneStart(c):
			p.Column++
		}
	}
	p.Offset = max(p.Offset, to)
	return p
}

// at turns an offset into a position; for single places, not for loops.
func (s *source) at(offset int) runbook.Position {
	offset = min(max(offset, 0), len(s.text))
	lo, hi := 0, len(s.lines)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; s.lines[mid] <= offset {
			lo = mid
		} else {
			hi = mid
		}
	}
	return s.advance(runbook.Position{Line: lo + 1, Column: 1, Offset: s.lines[lo]}, offset)
}

func (s *source) span(from, to runbook.Position) runbook.Span {
	return runbook.Span{File: s.file, Start: from, End: to}
}

func (s *source) spanOf(from, to int) runbook.Span { return s.span(s.at(from), s.at(to)) }

// lineSpan is the content of a line without its indentation and end.
func (s *source) lineSpan(line int) runbook.Span {
	line = min(max(line, 1), len(s.lines))
	from, to := s.lines[line-1], s.lineEnd(s.lines[line-1])
	for from < to && isBlank(s.text[from]) {
		from++
	}
	for to > from && isBlank(s.text[to-1]) {
		to--
	}
	return s.spanOf(from, to)
}

// lineEnd returns the offset of the line end at or after an offset, before a
// \r if there is one.
func (s *source) lineEnd(offset int) int {
	i := bytes.IndexByte(s.text[offset:], '\n')
	if i < 0 {
		return len(s.text)
	}
	end := offset + i
	if end > offset && s.text[end-1] == '\r' {
		end--
	}
	return end
}

func (s *source) byteAt(offset int) byte {
	if offset < 0 || offset >= len(s.text) {
		return 0
	}
	return s.text[offset]
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
