package engine

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/pkg/event"
)

// transition says from which phases an event about a step may come, what else
// must hold, and what the event does. These tables are the law; the functions
// only carry it out. Every event type stands in one of them, and where one may
// come for different reasons it has a row for each.
type transition[P Phase | UndoPhase] struct {
	from []P
	must []condition
	do   func(t *tx, st *Step) error
}

// begun are the phases in which a step may begin: its turn has come, its delay
// is over, its approval was given.
var begun = []Phase{Entering, Delayed, Ready}

var transitions = map[event.Type][]transition[Phase]{
	"step_skipped": {{
		from: []Phase{Entering, Delayed, Approving, Ready, Retrying, Asking, Timing, Deciding},
		must: []condition{mayBeSkipped},
		do:   (*tx).skipped,
	}},
	"step_delayed": {{from: []Phase{Entering}, do: (*tx).delayed}},
	"approval_asked": {
		{from: []Phase{Entering, Delayed}, do: (*tx).approvalAsked},
		{from: []Phase{Ready, Retrying}, must: []condition{agreedBefore}, do: (*tx).approvalAsked},
	},
	"approval_given":    {{from: []Phase{Approving}, must: []condition{aboutUndo(false)}, do: (*tx).approvalGiven}},
	"approval_refused":  {{from: []Phase{Approving}, must: []condition{aboutUndo(false)}, do: (*tx).approvalRefused}},
	"step_started":      {{from: begun, do: (*tx).started}},
	"iteration_started": {{from: []Phase{Concluding}, do: (*tx).iterationStarted}},
	"attempt_started": {
		{from: begun, must: []condition{usesAction, nextAttempt, notPaused}, do: (*tx).attemptStarted},
		{from: []Phase{Retrying}, must: []condition{usesAction, nextAttempt, notPaused, retryDue}, do: (*tx).attemptStarted},
	},
	"target_looked":    {{from: []Phase{Timing}, must: []condition{byNobody, asksTarget}, do: (*tx).looked}},
	"attempt_recorded": {{from: []Phase{Attempting}, must: []condition{thisAttempt}, do: (*tx).attemptRecorded}},
	"attempt_failed":   {{from: []Phase{Attempting}, must: []condition{thisAttempt, notBeingEnded}, do: (*tx).attemptFailed}},
	"step_succeeded": {
		{from: begun, must: []condition{byNobody, needsNoWork}, do: (*tx).succeeded},
		{from: []Phase{Attempting}, must: []condition{byNobody, thisAttempt}, do: (*tx).succeeded},
		{from: []Phase{Asking}, must: []condition{byPerson("a person must say that it is done")}, do: (*tx).succeeded},
		{from: []Phase{Timing}, must: []condition{byNobody, waitIsOver}, do: (*tx).succeeded},
		{from: []Phase{Concluding}, must: []condition{byNobody, notRefused}, do: (*tx).succeeded},
	},
	"step_failed": {
		{from: []Phase{Entering, Delayed, Approving, Ready, Retrying, Asking, Timing, Concluding}, do: (*tx).stepFailed},
		{from: []Phase{Attempting}, must: []condition{thisAttempt}, do: (*tx).stepFailed},
		{from: []Phase{Inside}, must: []condition{notCleaning}, do: (*tx).blockFailed},
	},
	"step_unknown":     {{from: []Phase{Attempting}, must: []condition{thisAttempt}, do: (*tx).unknown}},
	"step_canceled":    {{from: []Phase{Attempting}, must: []condition{toldToStop}, do: (*tx).canceled}},
	"step_resolved":    {{from: []Phase{Doubtful}, must: []condition{byPerson("a person must say it")}, do: (*tx).resolved}},
	"answer_corrected": {{from: []Phase{Ended}, must: []condition{answeredByHand, byPerson(mustAsk)}, do: (*tx).corrected}},
	"step_retried": {
		{from: []Phase{Asking}, must: []condition{afterFailure, byPerson(mustAsk)}, do: (*tx).retried},
		{from: []Phase{Deciding}, must: []condition{byPerson(mustAsk)}, do: (*tx).retried},
		{from: []Phase{Doubtful}, must: []condition{byPerson(mustAsk), blockStands}, do: (*tx).lookAgain},
	},
}

// undoTransitions are the same for events about undoing a step.
var undoTransitions = map[event.Type]transition[UndoPhase]{
	"approval_asked":   {from: []UndoPhase{UndoReady}, do: (*tx).undoAsked},
	"approval_given":   {from: []UndoPhase{UndoApproving}, must: []condition{aboutUndo(true)}, do: (*tx).undoApproved},
	"approval_refused": {from: []UndoPhase{UndoApproving}, must: []condition{aboutUndo(true)}, do: (*tx).undoRefused},
	"attempt_recorded": {from: []UndoPhase{UndoAttempting}, must: []condition{thisUndo}, do: (*tx).undoRecorded},
	"undo_started":     {from: []UndoPhase{UndoReady}, must: []condition{nextUndoing, notPaused}, do: (*tx).undoStarted},
	"step_undone":      {from: []UndoPhase{UndoAttempting}, must: []condition{thisUndo}, do: (*tx).undone},
	"undo_failed":      {from: []UndoPhase{UndoReady, UndoAttempting}, must: []condition{thisUndo}, do: (*tx).undoFailed},
	"undo_skipped":     {from: []UndoPhase{UndoApproving, UndoReady, UndoDeciding, UndoAttempting}, must: []condition{mayBeLeft}, do: (*tx).undoSkipped},
	"step_retried":     {from: []UndoPhase{UndoDeciding}, must: []condition{byPerson(mustAsk)}, do: (*tx).undoRetried},
}

// runTransitions are the events about the run as a whole. Each decides by
// itself whether it may come: a run has few states, and no phase.
var runTransitions = map[event.Type]func(t *tx) error{
	"run_started":         (*tx).begin,
	"run_resumed":         (*tx).nothing,
	"run_taken_over":      (*tx).nothing,
	"run_paused":          (*tx).pause,
	"run_continued":       (*tx).unpause,
	"run_interrupted":     (*tx).nothing,
	"cancel_requested":    (*tx).cancel,
	"rollback_started":    (*tx).startRollback,
	"run_ended":           (*tx).end,
	"note_added":          (*tx).nothing,
	"checkpoint_signed":   (*tx).signed,
	"log_restarted":       (*tx).nothing,
	"hold_placed":         (*tx).hold,
	"hold_lifted":         (*tx).lift,
	"fact_stated":         (*tx).state,
	"clock_held":          (*tx).state,
	"tail_set_aside":      (*tx).nothing,
	"target_shared":       (*tx).share,
	"override_requested":  (*tx).override,
	"authority_delegated": (*tx).delegate,
	"undo_inherited":      (*tx).inherit, // in whatever phase the step is

	"evidence_added":       (*tx).nothing,
	"evidence_handed_over": (*tx).nothing,

	"notice_started": (*tx).noticeStarted, // of a step, in whatever phase it is
	"notice_sent":    (*tx).noticeEnded,
	"notice_failed":  (*tx).noticeEnded,
}

// applyStep looks the event up in the tables and carries it out.
func (t *tx) applyStep(st *Step) error {
	name := t.e.Type()
	if tr, ok := undoTransitions[name]; ok && t.run.rollback != nil {
		if !slices.Contains(tr.from, st.Undo.Phase) {
			return t.illegal("its undoing is %s", cmp.Or(string(st.Undo.Phase), "not asked for"))
		}
		return t.carryOut(st, tr.must, tr.do)
	}
	rows, ok := transitions[name]
	if !ok {
		if _, undo := undoTransitions[name]; undo {
			return t.illegal("the run is not being rolled back")
		}
		return t.illegal("there is no such event")
	}
	i := slices.IndexFunc(rows, func(r transition[Phase]) bool { return slices.Contains(r.from, st.Phase) })
	if i < 0 {
		return t.illegal("the step is %s", st.describe())
	}
	if st.Phase == Delayed && t.e.By == nil && t.e.Time.Before(st.NotBefore) {
		return t.illegal("the step begins at %s", st.NotBefore)
	}
	return t.carryOut(st, rows[i].must, rows[i].do)
}

// carryOut applies a row of a table, if all that it asks for holds.
func (t *tx) carryOut(st *Step, must []condition, do func(*tx, *Step) error) error {
	for _, holds := range must {
		if why := holds(t, st); why != "" {
			return t.illegal("%s", why)
		}
	}
	return do(t, t.private(st))
}

// describe names the state of a step for an error message.
func (st *Step) describe() string {
	if st.Phase == Ended || st.Phase == Doubtful {
		return string(st.Status)
	}
	return string(st.Phase)
}

// phase changes the phase and the status, and notes since when.
func (t *tx) phase(st *Step, p Phase, s event.Status) {
	st.Phase, st.Status, st.Since = p, s, t.e.Time
	if st.Started.IsZero() && p != Entering {
		st.Started = t.e.Time
	}
}
