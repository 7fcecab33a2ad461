package desk

import (
	"errors"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// AlteredError says that a run's folder is not what irctl wrote, or cannot be
// followed: an auditor acts.
type AlteredError struct {
	Run   string
	What  string
	Means string // a sentence; "" if there is nothing to add
	Err   error  // may be nil
}

// Error implements error.
func (e *AlteredError) Error() string { return because(e.What, e.Err) }

// Unwrap returns the cause.
func (e *AlteredError) Unwrap() error { return e.Err }

// NewerError says that a run holds an event that this irctl does not know, or
// was begun with a plan of which it does not know a part: what
// it means for the steps to come is known to the one that wrote it.
type NewerError struct {
	Run   string
	Event event.Type // "" if it is about the plan
	Part  string     // of the plan
	Irctl string     // the version that wrote it, as far as the journal says
}

// Error implements error.
func (e *NewerError) Error() string {
	if e.Event == "" {
		return fmt.Sprintf("the plan of run %s holds %s, which this irctl does not know; irctl %s made it", e.Run, e.Part, e.Irctl)
	}
	return fmt.Sprintf("run %s holds %s, an event that this irctl does not know; irctl %s wrote it", e.Run, e.Event, e.Irctl)
}

// UnreadableError says that something which was named cannot be read: whoever
// named it acts.
type UnreadableError struct {
	What  string
	Means string // a sentence; "" if there is nothing to add
	Err   error
	Next  string // the command to type, "" if there is none
}

// Error implements error.
func (e *UnreadableError) Error() string { return because(e.What, e.Err) }

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

func because(what string, cause error) string {
	if cause == nil {
		return what
	}
	return what + ": " + cause.Error()
}

// RefusedError says that the writer of the journal refused a request. Nothing
// was recorded. Err is an *[authority.Refusal], an *[engine.IllegalError], or
// what the writer said.
type RefusedError struct {
	Run string
	Err error
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *RefusedError) Unwrap() error { return e.Err }

// UnansweredError says that the process that drives the run did not say what
// became of a request.
type UnansweredError struct {
	Run       string
	After     time.Duration
	Withdrawn bool // the request was taken back, so that nothing was recorded
}

// Error implements error.
func (e *UnansweredError) Error() string {
	return "the process that drives the run did not answer within " + e.After.String()
}

// UntakenError says that a run could not be taken over for want of a disk.
// Nothing was recorded and nothing was done.
type UntakenError struct {
	Run string
	Err error
}

// Error implements error.
func (e *UntakenError) Error() string { return "run " + e.Run + " cannot go on: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *UntakenError) Unwrap() error { return e.Err }

// locked reports whether another process drives the run.
func locked(err error) bool {
	var e *store.LockedError
	return errors.As(err, &e)
}

// doubted reports whether a journal does not verify.
func doubted(err error) bool {
	var altered *store.AlteredError
	var truncated *store.TruncatedError
	return errors.As(err, &altered) || errors.As(err, &truncated)
}

// NotOwnError says that a run has nothing of its own to undo: another one brought
// it about.
type NotOwnError struct{ Target, Name, Run string }

// Error implements error.
func (e *NotOwnError) Error() string {
	return "this run has nothing of its own to undo: " + e.Target + " belongs to " + e.Name
}
