// Package redis drives a Redis server's users (its ACL): [Connect] signs in as
// the target says, and the [Conn] replaces a user's passwords, switches the
// user on or off, and ends its connections. [Check] says for a preflight what
// is missing.
//
// Only hashes of new passwords are sent. What is changed is saved to where the
// server keeps its users, so that a restart does not bring the old password
// back.
//
// Files, in reading order: target.go, conn.go, told.go, user.go, check.go.
package redis
