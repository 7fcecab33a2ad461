// Package realtest starts real daemons for tests: [StartSlapd] is a directory
// of OpenLDAP on free ports of loopback, with a folder of its own, gone when
// the test ends. Every test that needs one begins so; there is no other set-up.
//
// A program that is missing fails the test and says what installs it.
// SKIP_REAL=1 leaves such tests out instead; nothing else does. `make test`
// runs .ci/needs first, which installs what programs.txt lists.
//
// To add a daemon, add its programs to programs.txt and write one file like
// slapd.go: a [Daemon] says how it is configured, started and known to be
// ready, and the file's own type says what tests may ask of it. Look at the
// daemon with programs that share no code with irctl.
//
// [StartEditor] is what an editor has: the language server for YAML, driven
// without a screen. Its packages are pinned in the folder editor.
//
// Files, in reading order: program.go, daemon.go, death_linux.go,
// death_other.go, slapd.go, directory.go, certificate.go, sshd.go, editor.go.
package realtest
