package engine

import (
	"fmt"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// condition is what a transition asks for besides the phase: it returns why
// the event cannot happen, or "" if it can.
type condition func(t *tx, st *Step) string

// unless makes a condition's answer.
func unless(holds bool, format string, args ...any) string {
	if holds {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// byPerson asks that a person caused the event.
func byPerson(otherwise string) condition {
	return func(t *tx, _ *Step) string { return unless(t.e.By != nil, "%s", otherwise) }
}

// byNobody asks that no person caused the event: how work of the machine ended
// is known to the driver alone.
func byNobody(t *tx, _ *Step) string {
	return unless(t.e.By == nil, "nothing is asked of a person here")
}

// agreedBefore asks that people agreed to the step, to what is another now, or that
// it is asked whether something may be overridden.
func agreedBefore(t *tx, st *Step) string {
	b, _ := t.e.Body.(event.ApprovalAsked)
	return unless(st.Asked != nil || len(b.Overrides) > 0, "nobody has agreed to it")
}

// aboutUndo asks that an answer says of itself that it is about undoing the step,
// or that it is not: readers of the journal go by that.
func aboutUndo(is bool) condition {
	return func(t *tx, _ *Step) string {
		given, _ := t.e.Body.(event.ApprovalGiven)
		refused, _ := t.e.Body.(event.ApprovalRefused)
		if is {
			return unless(given.Undo || refused.Undo, "the answer is about the step, and what is asked is whether it may be undone")
		}
		return unless(!given.Undo && !refused.Undo, "the answer is about undoing the step, which nobody asks")
	}
}

// answeredByHand asks that a person has answered the step.
func answeredByHand(t *tx, st *Step) string {
	return unless(t.nodeOf(st).Kind == plan.Manual && st.Status == event.Succeeded, "nobody has answered it")
}

const mustAsk = "a person must ask for it"

// attempt is the number of the try that an event is about.
func attempt(b event.Body) int {
	switch b := b.(type) {
	case event.AttemptStarted:
		return b.Attempt
	case event.AttemptRecorded:
		return b.Attempt
	case event.AttemptFailed:
		return b.Attempt
	case event.StepSucceeded:
		return b.Attempt
	case event.StepFailed:
		return b.Attempt
	case event.StepUnknown:
		return b.Attempt
	case event.UndoStarted:
		return b.Attempt
	case event.StepUndone:
		return b.Attempt
	case event.UndoFailed:
		return b.Attempt
	}
	return 0
}

const (
	otherAttempt = "attempt %d is not the one that runs"
	wrongOrder   = "attempt %d cannot follow attempt %d"
)

func thisAttempt(t *tx, st *Step) string {
	n := attempt(t.e.Body)
	return unless(n == st.Attempt, otherAttempt, n)
}

func nextAttempt(t *tx, st *Step) string {
	n := attempt(t.e.Body)
	return unless(n == st.Attempt+1, wrongOrder, n, st.Attempt)
}

func thisUndo(t *tx, st *Step) string {
	n := attempt(t.e.Body)
	return unless(n == st.Undo.Attempt, otherAttempt, n)
}

func nextUndoing(t *tx, st *Step) string {
	n := attempt(t.e.Body)
	return unless(n == st.Undo.Attempt+1, wrongOrder, n, st.Undo.Attempt)
}

func usesAction(t *tx, st *Step) string {
	return unless(t.nodeOf(st).Kind == plan.Action, "only a step with uses has attempts")
}

func asksTarget(t *tx, st *Step) string {
	return unless(t.nodeOf(st).Looks(), "it asks no target")
}

func notPaused(t *tx, _ *Step) string { return unless(!t.run.paused, "the run is paused") }

func retryDue(t *tx, st *Step) string {
	return unless(!t.e.Time.Before(st.RetryAt), "the next try is at %s", st.RetryAt)
}

func notBeingEnded(t *tx, st *Step) string {
	return unless(t.closingAround(st) == nil, "the step is being ended, so nothing follows this attempt")
}

func notCleaning(_ *tx, st *Step) string {
	return unless(!st.cleaned, "its other steps have ended, and its always steps have their own limits")
}

// needsNoWork holds for steps that are over as soon as they begin.
func needsNoWork(t *tx, st *Step) string {
	kind := t.nodeOf(st).Kind
	return unless(kind == plan.Set || kind == plan.Stop, "it has not begun")
}

func waitIsOver(t *tx, st *Step) string {
	return unless(!st.NotBefore.After(t.e.Time), "the wait is over at %s", st.NotBefore)
}

func notRefused(_ *tx, st *Step) string {
	return unless(st.Refused == nil && st.Denied == "", "it was refused, or did not happen")
}

func toldToStop(_ *tx, st *Step) string { return unless(st.Aborting, "nobody told it to stop") }

func afterFailure(_ *tx, st *Step) string {
	return unless(st.Fallback, "it waits for a person already")
}

// blockStands holds while a token of the step can still move on.
func blockStands(t *tx, st *Step) string {
	return unless(!t.over(st), "what is around it is over; resolve says what happened")
}

// mayBeSkipped lets the driver skip what has not begun, and a person what no
// other person is to decide.
func mayBeSkipped(t *tx, st *Step) string {
	switch {
	case t.e.By == nil:
		return unless(st.Phase == Entering, "the step is %s", st.describe())
	case t.nodeOf(st).Kind == plan.Approve:
		return "an approval cannot be skipped; it can be given, asked again, or the run canceled or rolled back"
	}
	return unless(st.Phase != Entering || t.run.paused, "the step is about to begin")
}

// mayBeLeft is the same for undoing.
func mayBeLeft(t *tx, st *Step) string {
	if t.nodeOf(st).Kind == plan.Approve {
		return "an approval cannot be skipped"
	}
	handsOver := t.e.By == nil && t.e.Body.(event.UndoSkipped).To != ""
	if st.Undo.Phase == UndoAttempting {
		return unless(handsOver, "its undoing is %s", st.Undo.Phase)
	}
	return unless(t.e.By != nil || st.Undo.Phase == UndoReady, "a person must decide it")
}
