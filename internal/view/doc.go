// Package view is what people and programs read: plain text, colour, JSON, and
// the live screen. It is the only package that writes to the terminal.
//
// Make one [Printer] per process with [New]. Its methods are the screens: each
// takes data that is ready to be shown ([projection.Status], an action's Spec,
// diagnostics) and writes it to standard output as text or as JSON, whichever
// was asked for. Talk (notes, errors, what to type next when the output is
// data) goes to standard error. To show a run while it goes on, make a
// [Follow] with [Printer.Follow], tell it every event, and Finish it.
//
// Three promises hold for every screen. Words carry the meaning: symbols and
// colour only repeat it, so NO_COLOR, TERM=dumb, a pipe and a screen reader
// lose nothing. Lines fit the width, 80 columns when nobody knows better,
// except commands and paths to copy, which are never broken. And every text
// that came from outside goes through action.Clean before it is written.
//
// The live screen is drawn here and not by a framework: bubbletea asks the
// terminal for its background colour whenever a program that links it starts,
// and on a terminal that does not answer (a serial console, a script) every
// command of irctl would begin with a pause of five seconds.
//
// Files, in reading order: printer.go (streams and formats), theme.go (what
// means what), abilities.go (what terminals can do besides), page.go and table.go (lines, paragraphs, columns), code.go (what people carry), clock.go
// (times), status.go, steps.go and fold.go (a run on one screen), step.go, lines.go
// (events), log.go (events whole, with what was printed), follow.go, live.go, guard_unix.go, ask.go, prompt.go, keys.go and screen.go (a run while
// it goes on), and then one file per subject: list.go, incident.go, clocks.go, exercise.go, looks.go, plan.go, diagnostics.go
// evidence.go, and validation.go (with sarif.go, annotations.go and junit.go, its formats for
// CI), verify.go, proof.go, actions.go, typeuse.go, targets.go, runbooks.go, paper.go and
// paperstep.go (a runbook to print), graph.go, tests.go, format.go, doctor.go, problem.go.
package view
