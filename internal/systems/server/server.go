// Package server says what clients of a server have in common that irctl signs
// in to: [Locate] reads its address, and [Server] turns an error of the client
// into one that a person can act on, in doubt where the answer to a change was
// lost. [API] is one that is reached by requests.
//
// Files, in reading order: server.go, api.go.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Place is where a server is.
type Place struct {
	Network string // tcp, or unix for a socket
	Address string // for net.Dial; of a socket, what the target says
	Host    string // the name or address alone; "" for a socket
}

// Locate reads an address: host:port, or a path that begins with a slash, which
// socket describes ("the path of a socket"). To another machine the connection
// has to be protected.
func Locate(address, socket, example string, e host.Encryption) (Place, []action.Problem) {
	if len(address) > 0 && address[0] == '/' {
		return Place{Network: "unix", Address: address}, nil
	}
	name, _, err := net.SplitHostPort(address)
	if err != nil || name == "" {
		return Place{}, []action.Problem{{Input: "address", Message: "is neither host:port nor " + socket, Hint: "write it as in " + example}}
	}
	return Place{Network: "tcp", Address: address, Host: name}, e.Permits(name)
}

// Answer is what an error of a client says of the server's answer.
type Answer int

// The answers.
const (
	None      Answer = iota // there was none
	NoSignIn                // who wants to sign in is refused
	NoRight                 // who has signed in may not do this
	NoAccount               // there is no such account
	Other                   // another refusal
)

// Server is a server and who irctl is there, for errors.
type Server struct {
	Name  string // "PostgreSQL at db.example.com:5432"
	Admin string
	// SignIn is what to check if the sign-in is refused.
	SignIn string
	// Judge tells answers apart, by the errors' types.
	Judge func(error) Answer
}

// Unreachable says why there is no session: nothing was changed.
func (s Server) Unreachable(cause error) error {
	e := &action.Error{
		Message: s.Name + " cannot be reached, so nothing was changed",
		Hint:    "check the address and that the server runs, then retry",
		Cause:   clean(cause),
	}
	var ours *action.Error
	var untrusted *tls.CertificateVerificationError
	switch answer := s.Judge(cause); {
	case answer != None:
		e.Message = "could not sign in to " + s.Name + " as " + action.CleanLine(s.Admin, 60) + ", so nothing was changed"
		e.Hint, e.Permanent = s.SignIn, answer == NoSignIn || answer == NoRight
	case errors.As(cause, &ours): // the way there: the network policy, or ssh
		e.Hint, e.Permanent, e.Cause = ours.Hint, ours.Permanent, ours
	case errors.As(cause, &untrusted):
		e.Hint, e.Permanent = "name the authority that signed the server's certificate with ca_file, or correct the host in address", true
	case errors.Is(cause, context.DeadlineExceeded):
		e.Hint = "the server did not answer in time; check the network, then retry"
	}
	return e
}

// Problem says what the server answered.
func (s Server) Problem(message string, err error) *action.Error {
	e := &action.Error{Message: message + " on " + s.Name, Hint: "see the server's log", Cause: clean(err)}
	switch s.Judge(err) {
	case None:
		e.Hint = "check the network, then retry"
	case NoRight:
		e.Hint, e.Permanent = "give "+action.CleanLine(s.Admin, 60)+" the right to do this; `irctl target check` says which it lacks", true
	case NoAccount:
		e.Hint, e.Permanent = "check the spelling of the account", true
	}
	return e
}

// Changing is Problem for what changes something: without an answer nobody
// knows whether it did.
func (s Server) Changing(message string, err error) error {
	e := s.Problem(message, err)
	if s.Judge(err) == None {
		e.Doubt, e.Hint = true, "the connection was lost before the answer; irctl looks at the server before it goes on"
	}
	return e
}

// Missing says that there is no such account.
func (s Server) Missing(noun, account string) error {
	return &action.Error{
		Message:   "there is no " + noun + " " + action.CleanLine(account, 60) + " on " + s.Name,
		Hint:      "check the spelling; names of " + noun + "s are case-sensitive here",
		Permanent: true,
	}
}

// NotOneself refuses to act on the account that irctl signs in as: it would
// lock itself out.
func (s Server) NotOneself(noun, account string) error {
	if account != s.Admin {
		return nil
	}
	return &action.Error{
		Message:   action.CleanLine(account, 60) + " is who irctl signs in as, so it would lock itself out",
		Hint:      "name another " + noun + " as admin in the environment's target, and act on this one with that",
		Permanent: true,
	}
}

// clean is what the server or the network said, fit for a terminal. No request
// of irctl's repeats a password, so no answer can.
func clean(err error) error { return errors.New(action.CleanLine(err.Error(), 300)) }
