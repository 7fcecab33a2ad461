package cli

import (
	"context"
	"errors"
	"fmt"
)

// problem is an error as it is told to a person: what happened, what that
// means for the containment, and what to type next. It decides how irctl ends.
type problem struct {
	exit  Exit
	what  string
	means string
	next  []string // literal commands, or short advice
	cause error
}

// Error implements error.
func (p *problem) Error() string {
	if p.cause != nil {
		return p.what + ": " + p.cause.Error()
	}
	return p.what
}

// Unwrap returns the cause.
func (p *problem) Unwrap() error { return p.cause }

// usagef is a mistake on the command line.
func usagef(format string, args ...any) *problem {
	return &problem{exit: ExitUsage, what: fmt.Sprintf(format, args...)}
}

// failf is a command that could not do its work.
func failf(cause error, format string, args ...any) *problem {
	return &problem{exit: exitOf(cause), what: fmt.Sprintf(format, args...), cause: cause}
}

// add adds what to do next.
func (p *problem) add(next ...string) { p.next = append(p.next, next...) }

// with is add for a problem in the making.
func (p *problem) with(next ...string) *problem {
	p.add(next...)
	return p
}

// meaning adds what that means.
func (p *problem) meaning(format string, args ...any) *problem {
	p.means = fmt.Sprintf(format, args...)
	return p
}

// ended is the end of a command that has said everything already: only the
// status is left.
type ended struct{ exit Exit }

// Error implements error.
func (e ended) Error() string { return e.exit.Meaning() }

// end makes a command end with a status, nil for ExitDone.
func end(e Exit) error {
	if e == ExitDone {
		return nil
	}
	return ended{e}
}

// problemOf finds the words and the status for an error by its type, never by
// its text.
func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	for _, known := range []func(error) *problem{libraryProblem, runProblem, storeProblem} {
		if p = known(err); p != nil {
			return p
		}
	}
	p = &problem{exit: ExitFailed, what: err.Error()}
	if errors.Is(err, context.Canceled) {
		p.exit = ExitInterrupted
	}
	return p
}

// exitOf is the status with which irctl ends because of an error.
func exitOf(err error) Exit {
	var e ended
	switch {
	case err == nil:
		return ExitFailed
	case errors.As(err, &e):
		return e.exit
	}
	return problemOf(err).exit
}
