// Package process runs an action's commands so that nothing of them is left
// behind: each in a session and process group of its own, told to stop and
// then killed with all its children when the context ends.
//
// Fill in a [Command] and call [Command.Run]. [Argv] turns a list of inputs
// into arguments and refuses secrets among them: every user of a machine can
// read the arguments of its processes. Secrets go in by stdin or environment.
//
// [Command.Open] instead leaves its streams to the caller, for a program that
// is a connection.
//
// [Attempts] marks the commands of an attempt, so that also what calls setsid,
// forks twice or empties its environment is found and ended: when the attempt is
// cut off, when irctl dies, and before anything else is done after that
// ([Remains]). Linux alone lets one find processes so; elsewhere a command ends
// with its process group or its tree. What a service starts on behalf of a
// command (systemd-run, at, a container) belongs to that service.
//
// Files, in reading order: process.go, outcome.go (what the end of a process
// means), streams_linux.go and streams_other.go (its output), attempts.go, sweep.go,
// open.go, bounded.go, group_unix.go, group_windows.go.
package process
