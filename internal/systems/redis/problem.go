package redis

import (
	"context"
	"crypto/tls"
	"errors"

	redis "github.com/redis/go-redis/v9"

	"github.com/irctl/irctl/pkg/action"
)

// unreachable says why there is no connection: nothing was changed.
func (s settings) unreachable(cause error) error {
	e := &action.Error{
		Message: s.String() + " cannot be reached, so nothing was changed",
		Hint:    "check the address and that the server runs, then retry",
		Cause:   clean(cause),
	}
	var ours *action.Error
	var untrusted *tls.CertificateVerificationError
	switch {
	case answered(cause, "WRONGPASS"), answered(cause, "NOAUTH"), answered(cause, "NOPERM"):
		e.Message = "could not sign in to " + s.String() + " as " + action.CleanLine(s.admin, 60) + ", so nothing was changed"
		e.Hint, e.Permanent = "check admin and the secret behind admin_password, and that the user may use ping", true
	case errors.As(cause, &ours): // the way there: the network policy, or ssh
		e.Hint, e.Permanent, e.Cause = ours.Hint, ours.Permanent, ours
	case errors.As(cause, &untrusted):
		e.Hint, e.Permanent = "name the authority that signed the server's certificate with ca_file, or correct the host in address", true
	case errors.Is(cause, context.DeadlineExceeded):
		e.Hint = "the server did not answer in time; check the network, then retry"
	}
	return e
}

// problem says what the server answered.
func (s settings) problem(message string, err error) *action.Error {
	e := &action.Error{Message: message + " on " + s.String(), Hint: "see the server's log", Cause: clean(err)}
	var said redis.Error
	switch {
	case !errors.As(err, &said):
		e.Hint = "check the network, then retry"
	case answered(err, "NOPERM"):
		e.Hint, e.Permanent = "give "+action.CleanLine(s.admin, 60)+" the right to do this; `irctl target check` says which it lacks", true
	}
	return e
}

// changing is problem for what changes something: without an answer nobody
// knows whether it did.
func (s settings) changing(message string, err error) error {
	e := s.problem(message, err)
	var said redis.Error
	if !errors.As(err, &said) {
		e.Doubt, e.Hint = true, "the connection was lost before the answer; irctl looks at the server before it goes on"
	}
	return e
}

// clean is what the server or the network said, fit for a terminal. Passwords
// go to AUTH alone, and the server repeats none of it.
func clean(err error) error { return errors.New(action.CleanLine(err.Error(), 300)) }
