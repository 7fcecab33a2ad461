// Package drive is what every driver of a run shares: it turns an effect that
// the engine asks for into the event that answers it.
//
// [New] makes a [Driver] from a [Config]. Its questions of the moment are
// answered at once and change nothing ([Driver.Answer], [Driver.Watch],
// [Driver.Outcome], [Driver.UndoOutcome]); its work on targets takes its time and runs beside
// the loop ([Driver.Perform], [Driver.Settle], [Driver.Undo]).
//
// The loop itself belongs to a driver, because waiting does: package local
// waits in this process, package simulate moves its own clock. Whatever the driver, the order is the engine's: no
// event is adopted before it is durable, and nothing is performed before the
// intent to do so is.
//
// Files, in reading order: driver.go (what a driver is made of), scope.go
// (what expressions see), decide.go with again.go (what must be asked again) and look.go (waits that ask a target), conclude.go (effects into events), steady.go (its clock),
// retry.go (when to try again), perform.go (one attempt, from the request to its outcome),
// intent.go (what the journal says it is about), argv.go (values that would be options),
// guarded.go (what is protected), settle.go (an attempt whose outcome was lost), recheck.go, undo.go, tell.go (what people
// are told), shared.go (what other
// runs rely on), preview.go with
// preview_blocks.go and preview_calls.go (a plan that does not run), sink.go (what an
// action says while it runs), children.go (which processes are whose), redact.go with forms.go (secrets stay out
// of all of it).
package drive
