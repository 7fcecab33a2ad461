// Package login drives how people sign in to a Unix machine: with the keys
// that OpenSSH's server accepts ([OpenKeys]) and with passwords of the machine
// itself ([OpenUsers]). Both end what an account has open, by the processes of
// the machine.
//
// Files, in reading order: processes.go, ended.go, keys.go (the target type
// ssh-keys), sshd.go (what the server reads), keyfiles.go, change.go,
// signin.go.
package login
