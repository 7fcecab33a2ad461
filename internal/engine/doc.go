// Package engine is the pure state machine of a run.
//
// [Apply] turns a [State] and an event into the next state, or says why the
// event cannot happen. [Outstanding] says, from the state alone, what the
// driver owes the world. Neither has a clock, does I/O or draws lots, so a run
// is resumed by folding its journal and asking again, and any two drivers that
// see the same events are in the same state.
//
// The driver's loop is: an event arrives; Apply says that it is legal; it is
// appended to the journal, durable; the new state is adopted; observers are
// told; Outstanding is performed, and every effect comes back as an event.
// Nothing may be performed before the state that asks for it is durable.
//
// # How tokens move
//
// The plan is a graph in blocks. A token enters a block at its entry and walks
// along Next. Where it stands there is a [Step] with a [Phase]; the tokens
// that stand somewhere are the open steps. A step that owns blocks keeps its
// token while tokens walk its lanes, and goes on when the last lane is done:
//
//	arrive -> Entering -> [Delayed] -> [Approving -> Ready]
//	  action:  -> Attempting <-> Retrying -> Ended | Asking (fallback) | Deciding | Doubtful
//	  people:  -> Asking | Approving -> Concluding -> Ended
//	  blocks:  -> Inside -> Concluding -> Ended
//
// A failed step whose on_failure is stop keeps its token in Deciding until a
// person retries it, skips it, or rolls the run back; lanes beside it finish.
// A block that is ended early (timeout, stop, cancel, rollback) is Closing:
// what waits inside is canceled at once, what runs is told to stop, and what
// follows happens when the last of it has ended.
//
// # Files, in reading order
//
// The transcripts in testdata show every kind of step event by event. Then:
// state.go (what a run is), transitions.go (the tables of what may happen),
// conditions.go (what else must hold), begin.go (how steps begin), outcome.go
// (attempts and how steps end), flow.go (how tokens move), loop.go (batches,
// budgets), cleanup.go (always steps), notice.go (what people were told),
// apply.go (the one entry point), fold.go (a whole journal at once), undo.go
// (rollback), effects.go (what is owed), lookup.go (what expressions see).
package engine
