// Package cli has the commands of irctl: flags in, exit status out. [Main]
// runs one command in an [outside.World]. Everything is wired together here and nowhere else: no package below
// reads a flag, an environment variable or the clock of the process.
//
// Each command with flags has one factory, newXCmd, which parses into a small
// struct and hands that to the function that does the work; a test can put its
// own in its place. Those without stand in the list of their noun. The commands
// that ask something of a run (approve, skip, rollback, ...) are a table.
//
// Files, in reading order: root.go (Main,
// the frame of every command), commands.go (all of them), print.go,
// help.go; flags.go, environment.go, preparing.go and driving.go (what commands
// share), run.go, resume.go, verbs.go, asking.go (what verbs ask back); and then
// *.go, one file per command or noun.
package cli
