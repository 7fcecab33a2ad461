// Package host is a place where an action runs commands, keeps files and
// opens connections: this machine, or another one that the system's OpenSSH
// leads to. A target type that uses it works on both and does not know which.
//
// [Via] is the field `via` of a target's config, and [Open] the host that it
// leads to.
// A [Host] runs commands ([Host.Run]), reads and replaces files
// ([Host.ReadFile], [Host.WriteFile], [Host.Stat], [Host.Remove]) and opens
// connections as seen from there ([Host.DialContext]), so that a client
// library for a database or a directory works unchanged. [Host.Check] says for
// a preflight what is missing. Close it when the call of the action ends:
//
//	h, err := host.Open(config.Via, req.Allow)
//	if err != nil {
//		return action.Result{}, err
//	}
//	defer h.Close()
//	res, err := h.Run(ctx, process.Command{Argv: []string{"postqueue", "-j"}}, out)
//
// Ssh is the person's own: ssh_config, agent, jump hosts, security keys and
// known_hosts count. It never asks (BatchMode), and an unknown or changed host
// key ends the call. The first use of a Host signs in, and everything after
// shares that connection: commands go one after the other through one shell
// (package shell), and what else there is through a socket in a folder of its own
// with mode 0700, until Close; after a crash it ends by itself within [persist].
// In a context of [Attempts] the next Host for the same machine uses it again.
//
// A command's arguments arrive unchanged at a program on a host with a POSIX
// shell. Secrets in the environment of a command, and its input, travel by
// stdin and stand in no argument list on either machine. When the context
// ends, the command is ended there too.
//
// Files, in reading order: via.go (the field), host.go, command.go (what is
// run there), remote.go (over ssh), sweep.go (what attempts left), mark.go, ssh.go (the shared connection),
// connection.go (one with a shell), connections.go (those that are kept), allowed.go, sshconfig.go (what ssh would do),
// dial.go, tls.go, files.go, scripts.go, owner_unix.go, owner_windows.go,
// root.go, ends.go (who comes from where), own.go, problem.go, machine.go (what stands in for a machine in tests).
package host
