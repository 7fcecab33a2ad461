// Package realtest starts real daemons for tests: [StartSlapd] is a directory
// of OpenLDAP on free ports of loopback, [StartSSHD] an SSH server, each with a
// folder of its own, gone when the test ends. Every test that needs one begins
// so; there is no other set-up. [StartNetwork] makes machines with networks of
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
// [StartEditor] is what an editor has: the language server for YAML, driven
// without a screen. Its packages are pinned in the folder editor.
//
// What the daemon wrote is shown when its test fails. It is stopped by its own
// pid; [Process.Stop] and [Process.Restart] do so on purpose.
//
// Files, in reading order: program.go, daemon.go, place.go, death_linux.go,
// death_other.go, user_unix.go, user_windows.go, sshd.go, slapd.go,
// directory.go, certificate.go, samba.go, domain.go, processes_linux.go,
// processes_other.go, named.go, network.go, claim_unix.go, claim_windows.go,
// editor.go.
//
// Of mail: inbox.go (where it ends), postfix.go, dovecot.go.
//
// Of websites: curl.go (what a visitor sees), nginx.go, apache.go,
// haproxy.go, caddy.go.
//
// Of cases and those who are told: requesttracker.go, rsyslog.go, alertmanager.go,
// restic.go.
//
// Of accounts: postgres.go, redis.go, person.go (a user of this machine).
package realtest
