// Package sshsig signs texts with SSH keys and tells who signed one, in the
// format of OpenSSH (PROTOCOL.sshsig), so that ssh-keygen -Y verify and
// ssh-keygen -Y sign can take the other end.
//
// A [Ring] opens the key that a person uses, from a file, from an agent, or
// through ssh-keygen where a device holds it, as a [Signer]. [Verify] returns
// the [Key] that signed; whose key that is and whether it counted then is for
// the caller to say, with [Limits] and [Allowed].
//
// A signature is for one namespace, so that none that was made for something
// else can be shown for it: [Approval], [Runbook], [Evidence].
//
// Everything here is safe for concurrent use.
//
// Files, in reading order: key.go (public keys and how long they count),
// signature.go (made and verified), allowed.go (files of allowed signers),
// ring.go (keys by their names), own.go (those of one person).
package sshsig
