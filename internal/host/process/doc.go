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
// Files, in reading order: process.go, outcome.go (what the end of a process
// means), open.go, bounded.go, group_unix.go, group_windows.go.
package process
