// Package exercise plays a scenario and says how it went.
//
// [Auto] plays it without people, a world or any time passing: the runbook's plan
// is carried out by the real engine (package simulate), its targets remember
// nothing and cannot be reached, the scenario's players answer by themselves, and
// its injects come when they come. The same seed gives the same exercise.
//
// [Judge] holds what happened against what the scenario expects: a [Score] with
// objectives, decisions, faults, and an improvement plan for what did not go well.
//
// Files, in reading order: auto.go (the play), cast.go (who answers, and what does
// not work), judge.go, keep.go (earlier ones), propose.go
// (a scenario to begin with).
package exercise
