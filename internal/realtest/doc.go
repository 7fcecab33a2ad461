// Package realtest starts real daemons for tests: a [Daemon] is described once
// and stands on free ports of loopback with a folder of its own, gone when the
// test ends; [StartSSHD] is an SSH server. Every test that needs one begins so;
// there is no other set-up. [StartNetwork] makes machines with networks of
// their own, for daemons that must not stand on loopback.
//
// A program that is missing fails the test and says what installs it.
// SKIP_REAL=1 leaves such tests out instead; nothing else does. `make test`
// runs .ci/needs first, which installs what programs.txt lists.
//
// To add a daemon, add its programs to programs.txt, a line each, and write one
// file like sshd.go:
//
//   - A [Daemon] says how it is configured (a private folder, free ports),
//     started in the foreground (at.Command) and known to be ready, by an
//     answer that only this one gives: another test's daemon may have its port.
//     User is for programs that refuse to be root, On puts it on a [Machine].
//   - The file's own type embeds the [Process] and says what tests may ask:
//     addresses, first passwords, and looks from the outside. It looks with the
//     daemon's own clients, which share no code with irctl.
//
// What the daemon wrote is shown when its test fails. It is stopped by its own
// pid; [Process.Stop] and [Process.Restart] do so on purpose.
//
// Files, in reading order: program.go, daemon.go, place.go, death_linux.go,
// death_other.go, user_unix.go, user_windows.go, sshd.go, network.go,
// claim_unix.go, claim_windows.go. The daemons of one package's tests stand
// beside those tests: internal/real.
package realtest
