package journal

import (
	"bufio"
	"errors"
	"io"
)

// Entry is one line of a journal as it stands in the file.
type Entry struct {
	// Seq is its number, from 1.
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
