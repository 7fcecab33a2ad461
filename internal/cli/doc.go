// Package cli has the commands of irctl: flags in, exit status out. [Main]
// runs one command in a [World]; [System] is the real world, tests make their
// own. Everything is wired together here and nowhere else: no package below
// reads a flag, an environment variable or the clock of the process.
//
// Each command has one factory, newXCmd, which parses into a small struct and
// hands that to the function that does the work; a test can put its own in its
// place. A person's word to a run (approve, skip, rollback, ...) is a type
// that turns into one event of the run as it stands.
//
// Files, in reading order: world.go and system.go, root.go (Main, the frame of
// every command) and commands.go (all of them), exit.go, problem.go and
// libraryproblem.go (how commands end), print.go, help.go; run.go, trip.go,
// show.go, stops.go and inbox.go (a run that this process drives); verbs.go,
// words.go, answers.go, people.go and say.go (a person's word to a run); and
// then one file per command.
package cli
