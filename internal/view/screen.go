package view

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// screen keeps the last lines of a terminal up to date. What is drawn is part
// of the terminal's normal text, so that it stays when the program ends. A
// screen is not safe for concurrent use; the Printer's lock guards it.
type screen struct {
	w     io.Writer
	size  func() (width, height int)
	lines []string // what is drawn now; the cursor is on the line below
	drawn [2]int   // the width and height that they were drawn at
}

// rows is how many rows of the terminal lines take; a long one is wrapped by
// the terminal, so that it can be copied in one piece.
func rows(lines []string, width int) int {
	n := 0
	for _, l := range lines {
		n += max(1, (printed(l)+width-1)/max(width, 1))
	}
	return n
}

// draw replaces what is drawn: only lines that are new, or at another place,
// are written. Rows are erased one by one: some terminals take the erasing of
// a whole screen for text that scrolls away, and keep each frame for ever.
func (s *screen) draw(lines []string) error {
	if slices.Equal(lines, s.lines) {
		return nil
	}
	width, height := s.size()
	var b bytes.Buffer
	if s.drawn != [2]int{width, height} { // after a resize nobody knows what stands where
		s.erase(&b)
		s.lines = nil
	}
	was := map[int]string{} // by the row that it begins at
	row := 0
	for _, l := range s.lines {
		was[row] = l
		row += rows([]string{l}, width)
	}
	s.up(&b)
	left := row
	row = 0
	for _, l := range lines {
		n := rows([]string{l}, width)
		if old, ok := was[row]; ok && old == l {
			b.WriteString(strings.Repeat("\r\n", n))
		} else {
			empty(&b, n)
			b.WriteString(l + "\r\n")
		}
		row += n
	}
	if left -= row; left > 0 {
		empty(&b, left)
	}
	s.lines, s.drawn = lines, [2]int{width, height}
	_, err := s.w.Write(b.Bytes())
	return err
}

// empty clears n rows from the cursor's on and stays where it is.
func empty(b *bytes.Buffer, n int) {
	b.WriteString("\r" + ansi.EraseEntireLine)
	for range n - 1 {
		b.WriteString("\n" + ansi.EraseEntireLine)
	}
	if n > 1 {
		b.WriteString(ansi.CursorUp(n - 1))
	}
}

// above writes text that stays, above what is drawn.
func (s *screen) above(text string) error {
	var b bytes.Buffer
	s.erase(&b)
	for _, l := range bytes.SplitAfter([]byte(text), []byte("\n")) {
		if len(l) > 0 {
			b.Write(bytes.TrimSuffix(l, []byte("\n")))
			b.WriteString("\r\n") // what is drawn begins on a line of its own
		}
	}
	for _, l := range s.lines {
		b.WriteString(l + "\r\n")
	}
	width, height := s.size()
	s.drawn = [2]int{width, height}
	_, err := s.w.Write(b.Bytes())
	return err
}

// erase empties the rows of what is drawn and goes to the first.
func (s *screen) erase(b *bytes.Buffer) {
	if n := s.up(b); n > 0 {
		empty(b, n)
	}
}

// up moves to where the drawing begins, and returns how many rows that is.
// After a resize the terminal has wrapped the old lines anew, so they are
// counted with the width of now.
func (s *screen) up(b *bytes.Buffer) int {
	width, height := s.size()
	n := min(rows(s.lines, width), max(height-1, 1))
	if len(s.lines) == 0 {
		return 0
	}
	b.WriteString("\r" + ansi.CursorUp(n))
	return n
}
