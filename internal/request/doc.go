// Package request is what a person asks of a run, and how that becomes one event of
// it.
//
// [Decide] makes a [Request] a [Decision] in a [Standing], which is the run as it is
// now, its people and whoever asks: nothing is read or written for it, and whether the event may be is
// judged by the writer, as package authority says. [Standing.Carry], [Reply] and
// [Response] take a question to where the run is not, and the answer back.
//
// Files, in reading order: request.go (what can be asked), standing.go (which step,
// by whom), done.go, late.go (what was done on paper), evidence.go, clock.go, offline.go, errors.go.
package request
