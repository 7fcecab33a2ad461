package directory

import (
	"errors"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// problem says what a directory answered. The text of the answer is cleaned,
// and a directory that repeats a password in it does not get it shown.
func problem(message string, err error, secrets ...action.Secret) *action.Error {
	text := err.Error()
	for _, s := range secrets {
		if !s.IsZero() {
			text = strings.ReplaceAll(text, s.Reveal(), s.String())
		}
	}
	e := &action.Error{Message: message, Cause: errors.New(action.CleanLine(text, 300))}
	switch {
	case lost(err):
		e.Hint = "check the network, then retry"
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights):
		e.Hint, e.Permanent = "give bind_dn of the environment's target the right to do this", true
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultTimeLimitExceeded):
		e.Hint = "the directory is busy; retry in a while"
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		e.Hint, e.Permanent = "check base_dn of the environment's target", true
	default:
		e.Hint = "see the directory's own log for why it refused"
	}
	return e
}

// changing is problem for a request that changes something: without an answer
// nobody knows whether it did.
func changing(message string, err error, secrets ...action.Secret) error {
	e := problem(message, err, secrets...)
	if lost(err) {
		e.Doubt = true
		e.Hint = "the connection was lost before the answer; irctl looks at the directory before it goes on"
	}
	return e
}

// lost reports whether the directory did not answer.
func lost(err error) bool {
	var e *ldap.Error
	return !errors.As(err, &e) || e.ResultCode >= ldap.ErrorNetwork
}
