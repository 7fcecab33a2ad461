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

// fails is an error that says itself what happened.
func fails(exit Exit, err error, means string) *problem {
	return &problem{exit: exit, what: err.Error(), means: means}
}

// known gives an error of one type its words and its status; nil is any other.
type known func(error) *problem

// about knows the errors of a type by what they hold.
func about[E error](words func(E) *problem) known {
	return within(func(_ error, e E) *problem { return words(e) })
}

// within is about for an error whose text is that of all around it.
func within[E error](words func(around error, e E) *problem) known {
	return func(err error) *problem {
		var e E
		if !errors.As(err, &e) {
			return nil
		}
		return words(err, e)
	}
}

// among finds the first that knows an error.
func among(all []known, err error) *problem {
	for _, knows := range all {
		if p := knows(err); p != nil {
			return p
		}
	}
	return nil
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
	for _, all := range [][]known{libraryProblems, runProblems, storeProblems} {
		if p = among(all, err); p != nil {
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
