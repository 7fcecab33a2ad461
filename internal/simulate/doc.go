// Package simulate carries out a run without a world.
//
// [Run] drives the real engine with the real driver's decisions, but nothing
// is reached and no time passes: a [World] says how each attempt on a target
// goes and what people do, and a clock of its own jumps to the next moment at
// which something is due. Retries, timeouts, deadlines, delays and waits take
// their time on that clock. There is no goroutine and no I/O, so the same
// [Config] gives the same events, and a thousand runs take a second or less.
//
// The events are those that a journal would hold. They fold to the State that
// Run returns, and say when and why each step went as it did.
//
// Files, in reading order: world.go (what a world is asked), run.go (the
// loop), due.go (what happens next), work.go (attempts and undoing), people.go
// (questions and answers), act.go (the actions that the driver is given),
// sample.go (outputs that nobody stated).
package simulate
