package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Entry is one line of a journal as it stands in the file, not verified.
type Entry struct {
	// Seq is the number of the line, from 1. In a journal that verifies it
	// is the entry's sequence number.
	Seq int64
	// Offset is where the line begins, in bytes from the start.
	Offset int64
	// Line is the line without its newline. It is valid until the next Scan.
	Line []byte
}

// Tail is what follows the last entry of a journal without being one. Bytes
// is 0 if nothing does.
type Tail struct {
	Offset int64 `json:"offset"`
	Bytes  int64 `json:"bytes"`
}

// Scanner reads the whole lines of a journal and verifies nothing. It stops
// before a last line that has no newline yet: another process may be writing
// it.
type Scanner struct {
	lines lines
	entry Entry
	tail  Tail
	err   error
}

// NewScanner returns a scanner over a journal.
func NewScanner(r io.Reader) *Scanner { return NewScannerAt(r, Entry{}) }

// NewScannerAt returns a scanner over the rest of a journal, from the place
// where an earlier reader stopped: Seq is the number of the last line it read
// and Offset is where the next one begins, which is where r must stand.
func NewScannerAt(r io.Reader, at Entry) *Scanner {
	return &Scanner{
		lines: lines{r: bufio.NewReaderSize(r, 64<<10), offset: at.Offset},
		entry: Entry{Seq: at.Seq},
		tail:  Tail{Offset: at.Offset},
	}
}

// Scan goes to the next line. It returns false at the end and on an error.
func (s *Scanner) Scan() bool {
	if s.err != nil || s.tail.Bytes > 0 {
		return false
	}
	l, err := s.lines.next()
	switch {
	case err == io.EOF:
		return false
	case err != nil:
		s.err = err
		return false
	case !l.whole:
		s.tail = Tail{l.offset, l.size}
		return false
	case l.long:
		s.err = fmt.Errorf("line %d of the journal is longer than %d bytes: it is no entry", s.entry.Seq+1, MaxLine)
		return false
	}
	s.entry = Entry{s.entry.Seq + 1, l.offset, l.bytes}
	s.tail.Offset = l.offset + l.size
	return true
}

// Entry returns the line that Scan went to.
func (s *Scanner) Entry() Entry { return s.entry }

// Tail returns, after Scan returned false, the bytes after the last whole
// line. Its Offset is the end of that line even when there are none.
func (s *Scanner) Tail() Tail { return s.tail }

// Err returns what stopped the scanner, nil at the end of the journal.
func (s *Scanner) Err() error { return s.err }

// line is a line as read: at most MaxLine of its bytes, its size in the file.
type line struct {
	bytes  []byte // without newline, valid until next
	offset int64
	size   int64 // in the file, newline included
	whole  bool  // ended by a newline
	long   bool  // longer than MaxLine: bytes holds its beginning
}

// lines splits a file into lines of any length in bounded memory.
type lines struct {
	r      *bufio.Reader
	offset int64
	long   []byte // reused for lines that do not fit the reader's buffer
}

// next returns the next line, or io.EOF after the last.
func (l *lines) next() (line, error) {
	part, err := l.r.ReadSlice('\n')
	out := line{bytes: part, offset: l.offset, size: int64(len(part))}
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = append(l.long[:0], part...)
		for errors.Is(err, bufio.ErrBufferFull) {
			part, err = l.r.ReadSlice('\n')
			out.size += int64(len(part))
			if room := MaxLine - len(l.long); len(part) > room {
				part = part[:room]
			}
			l.long = append(l.long, part...)
		}
		out.bytes, out.long = l.long, out.size > MaxLine
	}
	l.offset += out.size
	switch {
	case err == io.EOF && out.size == 0:
		return line{}, io.EOF
	case err == io.EOF:
		return out, nil
	case err != nil:
		return line{}, err
	}
	out.whole = true
	if !out.long {
		out.bytes = out.bytes[:len(out.bytes)-1]
	}
	return out, nil
}
