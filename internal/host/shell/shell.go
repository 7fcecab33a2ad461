// Package shell carries commands to a shell that runs elsewhere, one after the
// other, over the three streams that lead there.
//
// The far end runs [Script]. Make a [Shell] of its streams, wait for
// [Shell.Ready], then call [Shell.Run] as often as wanted, by one goroutine at a
// time. Each command has a session and process group of its own there and pipes
// of its own, so that nothing of one reaches the output of the next one. Input
// and output are any bytes. Secrets go in by the input: no argument list on
// either machine holds it.
//
// Files: shell.go (this side), script.go (that side).
package shell

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ErrLost says that the streams ended before the end of a command was heard.
// Whoever had called Run does not know what it did.
var ErrLost = errors.New("the connection was lost")

// Shell is a shell that runs elsewhere.
type Shell struct {
	in        io.Writer
	out, errs stream
	kill      func()
	broken    atomic.Bool
}

// New returns the shell behind three streams. Kill cuts them, from any
// goroutine, as often as it is called.
func New(in io.Writer, out, errs io.Reader, kill func()) *Shell {
	return &Shell{in: in, out: stream{from: out}, errs: stream{from: errs}, kill: kill}
}

// Command is what a shell runs: the text of a program for sh, which may replace
// itself by exec. The zero Command does nothing, and shows that somebody is there.
type Command struct {
	Text           string
	Input          string
	Stdout, Stderr io.Writer
	// Grace is for how long what the command started may hold the streams open
	// when it has ended itself.
	Grace time.Duration
}

// Ready waits until the shell is there. It returns what came on the error output
// before; the error is ErrLost if none came.
func (s *Shell) Ready() (said string, err error) {
	before := &head{max: maxGreeting}
	before.full = s.Kill
	heard := make(chan error, 1)
	go func() { heard <- s.out.until(greeting, &head{max: maxGreeting, full: s.Kill}) }()
	err = s.errs.until(greeting, before)
	if other := <-heard; err == nil {
		err = other
	}
	if err != nil {
		s.broken.Store(true)
	}
	return before.String(), err
}

// maxGreeting is how much somebody may say before the shell does, in bytes.
const maxGreeting = 64 << 10

// Run runs a command and returns its exit code, as a shell has it: one that a
// signal ended has 128 and the number of that. After an error, and if the streams
// were still held when its grace was over, the shell is Broken.
func (s *Shell) Run(c Command) (code int, err error) {
	name := rand.Text()
	end := "\n" + name + ".\n"
	told, done := make(chan int, 1), make(chan error, 2)
	go func() { done <- s.out.until(end, orNothing(c.Stdout)) }()
	go func() { done <- s.errs.untilTold(name, end, orNothing(c.Stderr), told) }()
	if _, err := io.WriteString(s.in, fmt.Sprintf("%s\n%d\n%s\n%s\n%s", name, len(c.Input), c.Text, name, c.Input)); err != nil {
		s.Kill() // the readers see an end then
	}
	code = -1
	held, heldTooLong := (<-chan time.Time)(nil), false
	for waiting := 2; waiting > 0; {
		select {
		case e := <-done:
			waiting--
			err = errors.Join(err, e)
		case code = <-told:
			held = time.After(c.Grace)
		case <-held:
			held, heldTooLong = nil, true
			s.Kill()
		}
	}
	select {
	case code = <-told:
	default:
	}
	if heldTooLong && code >= 0 {
		return code, nil
	}
	if err != nil || code < 0 {
		s.Kill()
		return -1, ErrLost
	}
	return code, nil
}

// Kill cuts the streams, so that a call of Run returns. What runs there goes on.
func (s *Shell) Kill() {
	s.broken.Store(true)
	s.kill()
}

// Broken reports whether the shell can be used no more.
func (s *Shell) Broken() bool { return s.broken.Load() }

// stream is one that comes from there, with what was read of it too early.
type stream struct {
	from io.Reader
	held []byte
}

// untilTold is until, with the exit code on the way.
func (s *stream) untilTold(name, end string, to io.Writer, told chan<- int) error {
	if err := s.until("\n"+name+":", to); err != nil {
		return err
	}
	digits := &head{max: 8}
	if err := s.until("\n", digits); err != nil {
		return err
	}
	code, err := strconv.Atoi(digits.String())
	if err != nil || code < 0 || code > 255 {
		return ErrLost
	}
	told <- code
	return s.until(end, to)
}

// until passes on what comes before end, and takes end away.
func (s *stream) until(end string, to io.Writer) error {
	mark, buffer := []byte(end), make([]byte, 16<<10)
	for {
		if i := bytes.Index(s.held, mark); i >= 0 {
			_, _ = to.Write(s.held[:i])
			s.held = append(s.held[:0], s.held[i+len(mark):]...)
			return nil
		}
		if n := len(s.held) - len(mark) + 1; n > 0 {
			_, _ = to.Write(s.held[:n])
			s.held = append(s.held[:0], s.held[n:]...)
		}
		n, err := s.from.Read(buffer)
		s.held = append(s.held, buffer[:n]...)
		if err != nil && n == 0 {
			_, _ = to.Write(s.held)
			s.held = nil
			return ErrLost
		}
	}
}

// head keeps the beginning of what is written to it.
type head struct {
	strings.Builder
	max, came int
	full      func() // told when there is more; may be nil
}

// Write implements io.Writer.
func (h *head) Write(b []byte) (int, error) {
	if room := h.max - h.came; room > 0 {
		_, _ = h.Builder.Write(b[:min(room, len(b))])
	}
	if h.came += len(b); h.came > h.max && h.full != nil {
		h.full()
	}
	return len(b), nil
}

func orNothing(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}
