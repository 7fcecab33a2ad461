package engine

import (
	"slices"
	"time"

	"github.com/irctl/irctl/pkg/event"
)

// EffectKind is what the driver owes the world. The zero value is invalid.
type EffectKind string

// The effects. Each is answered by an event; until that event is applied the
// effect stays outstanding.
const (
	// Begin: the step's turn has come. Find out what it needs and answer with
	// step_skipped, step_delayed, approval_asked, step_started,
	// attempt_started, step_succeeded (set, stop) or step_failed.
	Begin EffectKind = "begin"
	// Perform: the attempt's intent is durable. Run the action, unless another
	// process began it: then the attempt is in doubt, so look first.
	Perform EffectKind = "perform"
	// Abort: the attempt runs and must be told to stop.
	Abort EffectKind = "abort"
	// Watch: look whether the wait's condition holds, or ask its target; if it is
	// so, step_succeeded; target_looked if something new was seen.
	Watch EffectKind = "watch"
	// Conclude: all is in. Answer with step_succeeded, iteration_started or
	// step_failed.
	Conclude EffectKind = "conclude"
	// Expire: the step's deadline has come. Answer with step_failed.
	Expire EffectKind = "expire"
	// BeginUndo: answer with undo_started, or undo_skipped if it cannot be.
	BeginUndo EffectKind = "begin undo"
	// PerformUndo: the intent to undo is durable. Undo the step; undoing twice
	// is harmless.
	PerformUndo EffectKind = "perform undo"
	// EndRun: nothing is left. Answer with run_ended.
	EndRun EffectKind = "end run"
)

// Effect is one thing that the driver owes the world.
type Effect struct {
	Kind    EffectKind
	Path    string
	Attempt int
	At      time.Time    // not before; zero is at once
	Status  event.Status // EndRun: how the run ends
}

// Outstanding says what the driver owes the world, from the state alone and in
// a fixed order. To resume a run: fold its journal, ask. Its cost grows with
// the number of steps that are open, not with those that are done.
func Outstanding(s State) []Effect {
	if s.run.startedAt.IsZero() || s.run.status != "" {
		return nil
	}
	if s.run.rollback != nil {
		return s.undoEffects()
	}
	var out []Effect
	for _, path := range s.open {
		out = s.stepEffects(out, s.must(path))
	}
	if status, over := s.ending(); over {
		out = append(out, Effect{Kind: EndRun, Status: status})
	}
	return out
}

func (s State) stepEffects(out []Effect, st *Step) []Effect {
	add := func(k EffectKind, at time.Time) {
		out = append(out, Effect{Kind: k, Path: st.Path, Attempt: st.Attempt, At: at})
	}
	expires := !st.Deadline.IsZero()
	switch st.Phase {
	case Entering, Ready:
		if !s.run.paused {
			add(Begin, time.Time{})
		}
	case Delayed:
		if !s.run.paused {
			add(Begin, st.NotBefore)
		}
	case Retrying:
		if !s.run.paused {
			add(Begin, st.RetryAt)
		}
	case Attempting:
		add(Perform, time.Time{})
		if st.Aborting {
			add(Abort, time.Time{})
		}
	case Timing:
		if n := s.node(st); n.Condition != "" || n.Looks() {
			add(Watch, time.Time{})
		} else {
			add(Conclude, st.NotBefore)
			expires = false
		}
		if expires {
			add(Expire, st.Deadline)
		}
	case Approving, Asking, Inside:
		if expires {
			add(Expire, st.Deadline)
		}
	case Concluding:
		add(Conclude, time.Time{})
	}
	return out
}

func (s State) undoEffects() []Effect {
	// An attempt that was told to stop has ended before a rollback begins, so
	// only undoing itself is left.
	r := s.run.rollback
	if status, over := s.rollbackEnding(); over {
		return []Effect{{Kind: EndRun, Status: status}}
	}
	st := s.must(r.queue[r.next])
	switch st.Undo.Phase {
	case UndoReady:
		if !s.run.paused {
			return []Effect{{Kind: BeginUndo, Path: st.Path, Attempt: st.Undo.Attempt}}
		}
	case UndoAttempting:
		return []Effect{{Kind: PerformUndo, Path: st.Path, Attempt: st.Undo.Attempt}}
	}
	return nil
}

// NeedsPerson reports whether only people can move the run on: nothing is
// running and no time will pass that the plan waits for.
func NeedsPerson(s State) bool {
	if s.run.startedAt.IsZero() || s.run.status != "" {
		return false
	}
	return !slices.ContainsFunc(Outstanding(s), func(e Effect) bool { return e.Kind != Expire })
}
