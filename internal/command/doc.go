// Package command is how every command of irctl is made: its arguments, its manual,
// the statuses with which it ends, and the words in which it refuses.
//
// [New] makes a command of its usage line, [Parent] one that only holds others.
// What a command cannot do is a [Problem]: [Usagef] for whoever typed, [Failf] and
// [Fails] for the rest. [End] is for a command that has said everything. A list of
// [Known] gives the errors of other packages their words, by their types.
//
// Files, in reading order: exit.go, problem.go, command.go, arguments.go,
// values.go (what is given to flags), suggest.go, help.go, completion.go.
package command
