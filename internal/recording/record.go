package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// Options say what is recorded, and into which file.
type Options struct {
	Argv []string
	Dir  string // where the command runs
	In   io.Reader
	Out  io.Writer
	File *os.File // new, and empty
	// Mask replaces known secrets in a text.
	Mask func(string) string
	Now  func() time.Time
}

// Record runs the command until it ends and returns its exit status. Everything
// that was shown up to a second before is durable while it runs, and all of it
// when Record returns. If this process dies the command loses its terminal, and
// the file has no end (see [Whole]).
func Record(ctx context.Context, o Options) (status int, err error) {
	size := &pty.Winsize{Rows: 24, Cols: 80}
	keys, _ := o.In.(*os.File)
	if keys != nil && term.IsTerminal(int(keys.Fd())) {
		if now, err := pty.GetsizeFull(keys); err == nil {
			size = now
		}
	} else {
		keys = nil
	}
	c := &cast{file: o.File, mask: masker{known: o.Mask}, now: o.Now}
	if err := c.begin(o.Argv, size.Cols, size.Rows); err != nil {
		return 0, fmt.Errorf("begin the recording: %w", err)
	}
	cmd := exec.CommandContext(ctx, o.Argv[0], o.Argv[1:]...)
	cmd.Dir = o.Dir
	terminal, err := pty.StartWithSize(cmd, size)
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", o.Argv[0], err)
	}
	defer func() { _ = terminal.Close() }()
	if keys != nil {
		if before, err := term.MakeRaw(int(keys.Fd())); err == nil {
			defer func() { _ = term.Restore(int(keys.Fd()), before) }()
		}
		defer resizing(keys, terminal)()
	}
	go func() { // it ends with the process: a read of a terminal cannot be broken off
		_, _ = io.Copy(terminal, o.In)
		_, _ = terminal.Write([]byte{4}) // the end of what is typed
	}()
	_, shown := io.Copy(io.MultiWriter(c, o.Out), terminal) // ends with an error when the last process has left the terminal
	failed := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case c.err != nil:
		return 0, fmt.Errorf("write the recording: %w", errors.Join(c.err, shown))
	case errors.As(failed, &exit):
		status = exit.ExitCode()
	case failed != nil:
		return 0, failed
	}
	return status, c.end(fmt.Sprintf("%s%d", ended, status))
}
