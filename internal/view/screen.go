package view

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"github.com/charmbracelet/x/ansi"
)

// screen keeps the last lines of a terminal up to date. What is drawn is part
// of the terminal's normal text, so that it stays when the program ends. A
// screen is not safe for concurrent use; the Printer's lock guards it.
type screen struct {
	w     io.Writer
	size  func() (width, height int)
	lines []string // what is drawn now; the cursor is on the line below
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

// draw replaces what is drawn.
func (s *screen) draw(lines []string) error {
	if slices.Equal(lines, s.lines) {
		return nil
	}
	var b bytes.Buffer
	s.rewind(&b)
	put(&b, lines)
	s.lines = lines
	_, err := s.w.Write(b.Bytes())
	return err
}

// above writes text that stays, above what is drawn.
func (s *screen) above(text string) error {
	var b bytes.Buffer
	s.rewind(&b)
	for _, l := range bytes.SplitAfter([]byte(text), []byte("\n")) {
		if len(l) > 0 {
			b.Write(bytes.TrimSuffix(l, []byte("\n")))
			b.WriteString("\r\n") // what is drawn begins on a line of its own
		}
	}
	put(&b, s.lines)
	_, err := s.w.Write(b.Bytes())
	return err
}

// rewind moves to where the drawing begins and erases it. After a resize the
// terminal has wrapped the old lines anew, so their rows are counted with the
// width of now.
func (s *screen) rewind(b *bytes.Buffer) {
	width, height := s.size()
	if up := min(rows(s.lines, width), max(height-1, 1)); len(s.lines) > 0 {
		b.WriteString("\x1b[" + strconv.Itoa(up) + "A")
	}
	b.WriteString("\r" + ansi.EraseScreenBelow)
}

func put(b *bytes.Buffer, lines []string) {
	for _, l := range lines {
		b.WriteString(l)
		b.WriteString("\r\n")
	}
}
