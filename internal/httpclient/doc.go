// Package httpclient sends an action's HTTP requests within the environment's network
// policy.
//
// [New] makes a [Client]; [Client.Do] sends one [Request] and returns the
// [Response], whatever its status. [Response.Unexpected] turns a status that
// the caller did not want into the error that people read. [Dialer] is the
// same policy for actions that speak another protocol.
//
// The policy is checked on the address that is about to be connected to, after
// names have been resolved and for every redirect, so that neither a name nor
// a server can lead around it.
//
// Files, in reading order: client.go, policy.go (which addresses), outcome.go
// (what an error means), json.go (finding a value in an answer).
package httpclient
