// Package exercise plays a scenario and says how it went.
//
// [Auto] plays it without people, a world or any time passing: the runbook's plan
// is carried out by the real engine (package simulate), its targets remember
// nothing and cannot be reached, the scenario's players answer by themselves, and
// its injects come when they come. The same seed gives the same exercise.
//
// People play it in a [Folder], which is a home of its own with a clock of its own.
// The real driver carries out the run, with what a [Stage] puts in the place of
// each action: it remembers what was done to a target, and what does not work by
// an inject does not work. A [Conductor] throws the injects, and all that comes in
// between processes is durable in the folder before it counts.
//
// [Judge] holds what happened against what the scenario expects: a [Score] with
// objectives, decisions, faults, and an improvement plan for what did not go well.
//
// Files, in reading order: auto.go (the play without people), cast.go (who answers,
// and what does not work), folder.go (the home of one with people), stage.go (what
// actions do there), conduct.go (what comes, and when), judge.go, keep.go (earlier
// ones), propose.go (a scenario to begin with).
package exercise
