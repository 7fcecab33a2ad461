// Package projection says what a journal means to a reader.
//
// A [Status] is a run as it stands: its steps in reading order, begun or not,
// what waits for whom, and the commands to type next. [Of] makes one from the
// engine's state. An [Entry] is one event told in words ([Tell]); a [Row] is a
// run in a list ([RowOf]); a [PlanRow] is a step of a plan that has not run, and
// a [Graph] which way a run of it may go.
//
// Everything here is data, linear in the number of steps and without a clock:
// the caller says what time it is. Texts from outside are kept as they are;
// whoever shows them cleans them.
//
// Files, in reading order: status.go (what a reader gets), of.go (from the
// state), standing.go (what stands still or stays), tree.go (reading order), waiting.go and gates.go (who must act),
// told.go (who was told), next.go (what to type), anchor.go (who remembers it), verification.go (whether it is what was written), timeline.go (events in words), record.go (events
// whole), evidence.go (what is kept, and who has it), clock.go (who must be told), account.go (a run whole), controls.go (what an auditor
// asks), look.go and incident.go (steps
// that are over), plan.go, claim.go and graph.go (a plan before it runs).
package projection
