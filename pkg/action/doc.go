// Package action is how an action is written, whether it is built into irctl
// or lives in another process.
//
// An action implements [Action]: it describes itself ([Spec]) and does its
// work ([Action.Run]). It may add abilities through optional interfaces:
// [Inspector] (look at the target and change nothing), [Undoer] (put back what
// Run recorded) and [Preflighter] (is the target reachable and permitted).
//
// The contract of Run, in the order in which things happen:
//
//  1. The driver has made the intent durable. Nothing was done before that.
//  2. Run looks at the target. If it is as desired already, Run returns with
//     Result.Already and changes nothing.
//  3. Run hands everything that undoing or recovery will need to
//     [Sink.Record] and goes on only if Record returned nil: then it is
//     durable. Request.Record holds what an earlier attempt recorded, and an
//     attempt that finds some must go on from it rather than record anew (the
//     previous state was seen by the first attempt only).
//  4. Run changes the target, then checks the effect.
//
// If the process dies between 1 and the outcome, the driver asks Inspect on
// resume, with the same Request. When Inspect cannot tell and the action is
// not idempotent, a person decides.
//
// Secrets arrive as [Secret], which prints as [redacted]; reveal one only to
// hand it to the target, never in an argv, an error or an output.
//
// [Serve] makes a program of actions that is a plugin; another language speaks the
// protocol itself, of which a [Message] is one line.
//
// Files, in reading order: action.go (the interfaces), spec.go (how an action
// describes itself), values.go (typed access to inputs), secret.go, error.go,
// clean.go, message.go (the protocol of plugins), serve.go (the plugin's end of
// it). The example shows an action and how it is tried.
package action
