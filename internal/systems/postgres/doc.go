// Package postgres drives a PostgreSQL server: [Connect] signs in as the
// target says, and the [Conn] replaces a role's password, lets it sign in or
// not, and ends its sessions. [Check] says for a preflight what is missing.
//
// A password never reaches the server: it gets the SCRAM-SHA-256 verifier,
// computed here, so that no log and no statistics of the server hold more.
//
// Files, in reading order: target.go, conn.go, told.go, role.go, ways.go,
// verifier.go, sessions.go, check.go.
package postgres
