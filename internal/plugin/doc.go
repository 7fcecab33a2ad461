// Package plugin lets actions live in another process, in any language: an
// executable irctl-action-NAME that speaks lines of JSON on its standard input
// and output. `irctl help plugins` is the protocol.
//
// A [Host] knows the folders where plugins lie and the lock file that says which
// of them are trusted. [Host.Into] adds the actions of those to a registry by what
// stands in the lock file: nothing is run to validate or to complete. When such
// an action is used, the file is copied, hashed as it is copied, refused unless it
// is what was trusted, and the copy is run: in a folder of its own, with nothing
// of irctl's environment, in a session of its own, and for one request. It is no
// sandbox: a plugin may do whatever its user may. What is bounded here is what it
// can do to irctl, and what is left of it when it has answered.
//
// Everything that is not in the protocol is an error, never a success, and after
// a request that changes something it is in doubt: then the driver looks.
//
// Files, in reading order: lock.go (which are trusted), file.go, file_linux.go and
// file_other.go (the bytes that run), offer.go (what they say they can do), action.go
// (an action of theirs), call.go (one process), line.go (what it says), trial.go
// (the contract, tried).
package plugin
