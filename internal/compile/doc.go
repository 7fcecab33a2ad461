// Package compile turns a checked runbook into a plan, and what people give
// as inputs into values.
//
// [Runbook] checks a runbook together with every other one that it runs, and
// lowers them to one plan.Plan: names resolved, defaults filled in, called
// runbooks in the place of the steps that call them. The same runbook gives
// the same plan, byte for byte.
//
// [Inputs] types the texts of a command line against a plan's inputs and
// finds every problem at once; [CallInputs] does the same for values that a
// step hands to the runbook that it runs.
//
// Files, in reading order: compile.go (the entry), lower.go (steps to nodes),
// fields.go (declarations), inputs.go, parse.go (texts to values), expressions.go (what a plan asks for).
package compile
