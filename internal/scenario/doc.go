// Package scenario is the file of an exercise: a runbook, the inputs it is
// given, and what the facilitator throws in while people work through it.
//
// [Parse] reads a scenario: bytes to a [Scenario] whose words keep their
// places, and everything that is wrong with it at once. [Scenario.Check] holds
// it against the runbook that it names. It does no I/O.
//
// Files, in reading order: scenario.go (what a scenario is), keys.go (the keys
// of the file), parse.go, check.go, codes.go.
package scenario
