// Package runbooktest reads and runs the tests of runbooks.
//
// [Parse] reads a test file. [Bind] holds it against the plan of its runbook
// and finds every name in it that means nothing. The [Suite] that comes of it
// runs its cases without a world ([Suite.Run]; see package simulate), says of
// each what was not as expected and why, and which parts of the runbook no case
// reached ([Suite.Coverage]).
//
// A case gives inputs, outcomes of attempts, and what people answer; whatever
// it leaves out goes well, except people: nobody answers unasked for.
//
// Files, in reading order: file.go (what a test file holds), keys.go (its keys),
// parse.go, parse_given.go and parse_expect.go (text to file), codes.go, refs.go
// (names of steps), bind.go and bind_case.go (file and plan), world.go and
// people.go (what a case makes of the world), run.go, judge.go, values.go and
// path.go (what was expected and what was), coverage.go and edges.go.
package runbooktest
