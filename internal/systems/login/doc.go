// Package login drives how people sign in to a Unix machine with keys that
// OpenSSH's server accepts: [OpenKeys] leads to the machine, and the [Keys]
// revokes an account's keys, replaces them, and ends its sessions, by the
// processes of the machine. [OpenUsers] is the same for passwords of the
// machine itself. [CheckKeys] and [CheckUsers] say for a preflight what is
// missing.
//
// Files, in reading order: keys.go, sshd.go, matches.go (what the server reads), lookup.go,
// keyfiles.go, ways.go (what else lets people in), change.go, signin.go, users.go
// (the target type linux-user), pam.go (services that expiry does not close),
// sudo.go (who may act as whom), processes.go, ended.go.
package login
