package command

import (
	"errors"
	"fmt"
)

// Problem is an error as it is told to a person: what happened, what that
// means for the containment, and what to type next. It decides how irctl ends.
type Problem struct {
	Exit  Exit // its zero value is that of the cause
	What  string
	Means string
	Next  []string // literal commands, or short advice
	Cause error
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return p.What + ": " + p.Cause.Error()
	}
	return p.What
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// Usagef is a mistake on the command line.
func Usagef(format string, args ...any) *Problem {
	return &Problem{Exit: ExitUsage, What: fmt.Sprintf(format, args...)}
}

// Failf is a command that could not do its work.
func Failf(cause error, format string, args ...any) *Problem {
	return &Problem{What: fmt.Sprintf(format, args...), Cause: cause}
}

// Fails is an error that says itself what happened.
func Fails(exit Exit, err error, means string) *Problem {
	return &Problem{Exit: exit, What: err.Error(), Means: means}
}

// Known gives an error of one type its words and its status; nil is any other.
type Known func(error) *Problem

// About knows the errors of a type by what they hold.
func About[E error](words func(E) *Problem) Known {
	return Within(func(_ error, e E) *Problem { return words(e) })
}

// Within is [About] for an error whose text is that of all around it.
func Within[E error](words func(around error, e E) *Problem) Known {
	return func(err error) *Problem {
		var e E
		if !errors.As(err, &e) {
			return nil
		}
		return words(err, e)
	}
}

// Among finds the first that knows an error.
func Among(all []Known, err error) *Problem {
	for _, knows := range all {
		if p := knows(err); p != nil {
			return p
		}
	}
	return nil
}

// Add adds what to do next.
func (p *Problem) Add(next ...string) { p.Next = append(p.Next, next...) }

// With is [Problem.Add] for a problem in the making.
func (p *Problem) With(next ...string) *Problem {
	p.Add(next...)
	return p
}

// Meaning adds what that means.
func (p *Problem) Meaning(format string, args ...any) *Problem {
	p.Means = fmt.Sprintf(format, args...)
	return p
}

// Ended is the end of a command that has said everything already: only the
// status is left.
type Ended struct{ Exit Exit }

// Error implements error.
func (e Ended) Error() string { return e.Exit.Meaning() }

// End makes a command end with a status, nil for ExitDone.
func End(e Exit) error {
	if e == ExitDone {
		return nil
	}
	return Ended{e}
}
