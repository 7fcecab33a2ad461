// Package check is every rule over a runbook beyond its syntax.
//
// [Runbook] finds all problems of one runbook at once; what it needs to know
// about the world (the specs of actions, other runbooks) comes in through
// [Deps]. It sees action specs, never actions, and does no I/O itself.
// [Analyze] also returns what was found out on the way ([Facts]), which
// compile needs.
//
// Each finding has a code, declared beside the function that finds it; [Codes]
// is the set of all of them, with what they mean, what to do, and examples.
//
// Names are resolved where they stand: a step can see the inputs, the loops
// around it, and the steps that can have run before it. order.go says what
// that means.
//
// Files, in reading order: codes.go (the set of codes), check.go (the walk), tree.go
// and order.go (which step can have run before which), scope.go and
// variables.go (what names mean), values.go (texts with expressions), then the rules by subject:
// inputs.go, steps.go, flow.go, uses.go, calls.go, timing.go; despite.go (files with
// errors of the language). Then the review, what somebody with experience would
// raise about a runbook that can run: review.go (who asks the rules),
// review_asked.go (what several of them ask), ir*.go (a file for each rule, named by
// its code), review_order.go and review_judge.go (what came before), ignore.go
// (warnings that are known). Examples of each code stand beside them.
package check
