package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// CutOff is the error of a command that was told to stop. Its exit code proves
// nothing: programs catch the signal and end with 0. The cause says what of it
// could not be ended.
func (c Command) CutOff(ctx context.Context, left error) error {
	return &action.Error{
		Message: fmt.Sprintf("%s was ended because %s", c.name(), whyEnded(ctx.Err())),
		Hint:    "look at the target: the command may have done a part of its work",
		Doubt:   true,
		Cause:   left,
	}
}

// whyEnded says in words why a context ended.
func whyEnded(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "its time was up"
	}
	return "it was told to stop"
}

// outcome turns the end of a process that was left alone into an error, or nil.
func (c Command) outcome(res Result, err error) error {
	var exit *exec.ExitError
	switch {
	case c.Good(res.ExitCode):
		return nil
	case errors.As(err, &exit) && !exit.Exited():
		return &action.Error{Message: fmt.Sprintf("%s was ended by a signal that irctl did not send (%s)", c.name(), exit.ProcessState), Hint: "see who ended it, or whether memory was short (dmesg)", Doubt: true}
	case res.ExitCode >= 0:
		return c.Ended(res)
	}
	return &action.Error{Message: c.name() + " could not be followed to its end", Cause: err, Doubt: true}
}

// Ended is the error of a command that ended with an exit code that is not
// good, with the last words of its error output.
func (c Command) Ended(res Result) error {
	return &action.Error{Message: fmt.Sprintf("%s ended with exit code %d%s", c.name(), res.ExitCode, lastWords(res))}
}

// Good reports whether an exit code is among those of Success.
func (c Command) Good(code int) bool {
	if c.Success == nil {
		return code == 0
	}
	return slices.Contains(c.Success, code)
}

// lastWords is the last line of the error output, where programs say why. What
// was cut off is marked, so that a secret cut in two is known for one.
func lastWords(res Result) string {
	lines := strings.Split(strings.TrimSpace(res.Stderr), "\n")
	last := lines[len(lines)-1]
	if res.Cut && last != "" {
		last += "…"
	}
	if line := action.CleanLine(last, 200); line != "" {
		return ": " + line
	}
	return ""
}

// anybodys refuses a program that was found by its name where everybody may write.
func (c Command) anybodys(path string) error {
	if path == c.Argv[0] {
		return nil // it was named, or is not there
	}
	for _, at := range []string{filepath.Dir(path), path} {
		if info, err := os.Stat(at); err == nil && info.Mode()&everybody != 0 {
			return &action.Error{
				Message: fmt.Sprintf("cannot start %s: it lies in %s, where everybody may write, so that anybody could have put it there", c.name(), filepath.Dir(path)),
				Hint:    "take the folder out of PATH or change its permissions, or give the program's whole path", Permanent: true,
			}
		}
	}
	return nil
}

// NotStarted is the error of a command that was not begun, because of err.
func (c Command) NotStarted(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &action.Error{Message: c.name() + " was not started because " + whyEnded(err)}
	}
	e := &action.Error{Message: fmt.Sprintf("cannot start %s", c.name()), Permanent: true}
	var path *os.PathError
	if info, failed := os.Stat(c.Dir); c.Dir != "" && (failed != nil || !info.IsDir()) {
		e.Message = fmt.Sprintf("cannot start %s in %s: there is no such folder on this machine", c.name(), action.CleanLine(c.Dir, 200))
		e.Hint = "make it, or correct the folder"
		return e
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		e.Message += ": there is no such program on this machine"
		e.Hint = "install it, or give its whole path"
	case errors.As(err, &path):
		e.Cause = path.Err
	default:
		var lookup *exec.Error
		if errors.As(err, &lookup) {
			err = lookup.Err
		}
		e.Cause = err
	}
	return e
}
