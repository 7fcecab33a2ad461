// Package event holds the facts of a run and their encoding.
//
// An [Event] is one fact, in the past tense: what happened, when, to which
// step, and by whose hand. Its [Body] says what kind of fact it is; the set of
// bodies is closed and listed in one table ([Types]).
//
// Encode an event with [Event.Encode] into the JSON object that the journal
// seals, and read a journal line back with [Decode]. Decode keeps events whose
// type it does not know ([Unknown]): a newer irctl may have written them.
//
// Rules of evolution. Event types and their fields are append-only for ever:
// a name is never reused, never changes meaning, and a field that is no longer
// written is still read. Nothing here is a float on disk (see [Values]), so
// that two readers can never disagree about a number.
//
// Files, in reading order: event.go (the envelope), bodies.go, clock.go and late.go (the
// facts),
// values.go (data inside facts), codec.go (the list of types, and facts to
// bytes), decode.go (bytes to facts), scan.go (reading JSON).
package event
