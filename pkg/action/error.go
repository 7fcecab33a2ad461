package action

import (
	"errors"
	"time"
)

// Error is why an action failed, as the person at the keyboard needs it.
type Error struct {
	Message string // what happened, and what it means for the target
	Hint    string // what to do next
	Cause   error
	// Doubt is true when the effect may have taken place all the same.
	Doubt bool
	// Permanent is true when trying again cannot help.
	Permanent bool
	// After is the least time to wait before the next try (a server's
	// Retry-After, RFC 9110 section 10.2.3); 0 is none.
	After time.Duration
	// Unchecked says that this is no problem, but what a Preflight could not
	// find out.
	Unchecked bool
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Doubtful wraps err to say that the effect may have taken place.
func Doubtful(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Message: "the outcome is not known", Cause: err, Doubt: true}
}

// IsDoubtful reports whether err leaves the effect in doubt.
func IsDoubtful(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Doubt
}

// Of is the error for a mistake in a target's config that its check would have
// found: trying again does not help.
func (p Problem) Of(target string) *Error {
	return &Error{Message: "target " + target + ": " + p.Input + " " + p.Message, Hint: p.Hint, Permanent: true}
}
