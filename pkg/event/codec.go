package event

import (
	"encoding/json"
	"fmt"
)

// timeLayout is RFC 3339 in UTC with microseconds, always the same width.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// kinds is the one list of event types: name and how its body is laid out.
var kinds = []struct {
	name   Type
	layout func() *layout
}{
	{"run_started", layoutOf[RunStarted]},
	{"run_resumed", layoutOf[RunResumed]},
	{"run_taken_over", layoutOf[RunTakenOver]},
	{"run_paused", layoutOf[RunPaused]},
	{"run_continued", layoutOf[RunContinued]},
	{"run_interrupted", layoutOf[RunInterrupted]},
	{"cancel_requested", layoutOf[CancelRequested]},
	{"run_ended", layoutOf[RunEnded]},
	{"note_added", layoutOf[NoteAdded]},
	{"hold_placed", layoutOf[HoldPlaced]},
	{"hold_lifted", layoutOf[HoldLifted]},
	{"tail_set_aside", layoutOf[TailSetAside]},
	{"target_shared", layoutOf[TargetShared]},
	{"step_delayed", layoutOf[StepDelayed]},
	{"approval_asked", layoutOf[ApprovalAsked]},
	{"step_started", layoutOf[StepStarted]},
	{"step_skipped", layoutOf[StepSkipped]},
	{"attempt_started", layoutOf[AttemptStarted]},
	{"attempt_recorded", layoutOf[AttemptRecorded]},
	{"target_looked", layoutOf[TargetLooked]},
	{"attempt_failed", layoutOf[AttemptFailed]},
	{"step_succeeded", layoutOf[StepSucceeded]},
	{"step_failed", layoutOf[StepFailed]},
	{"step_unknown", layoutOf[StepUnknown]},
	{"step_canceled", layoutOf[StepCanceled]},
	{"step_resolved", layoutOf[StepResolved]},
	{"step_retried", layoutOf[StepRetried]},
	{"answer_corrected", layoutOf[AnswerCorrected]},
	{"iteration_started", layoutOf[IterationStarted]},
	{"approval_given", layoutOf[ApprovalGiven]},
	{"approval_refused", layoutOf[ApprovalRefused]},
	{"rollback_started", layoutOf[RollbackStarted]},
	{"undo_started", layoutOf[UndoStarted]},
	{"step_undone", layoutOf[StepUndone]},
	{"undo_failed", layoutOf[UndoFailed]},
	{"undo_skipped", layoutOf[UndoSkipped]},
	{"undo_inherited", layoutOf[UndoInherited]},
}

// Types lists every event type that this version knows, in a fixed order.
func Types() []Type {
	out := make([]Type, len(kinds))
	for i, k := range kinds {
		out[i] = k.name
	}
	return out
}

// Type implements [Body].
func (RunStarted) Type() Type       { return "run_started" }
func (RunResumed) Type() Type       { return "run_resumed" }
func (RunTakenOver) Type() Type     { return "run_taken_over" }
func (RunPaused) Type() Type        { return "run_paused" }
func (RunContinued) Type() Type     { return "run_continued" }
func (RunInterrupted) Type() Type   { return "run_interrupted" }
func (CancelRequested) Type() Type  { return "cancel_requested" }
func (RunEnded) Type() Type         { return "run_ended" }
func (NoteAdded) Type() Type        { return "note_added" }
func (TailSetAside) Type() Type     { return "tail_set_aside" }
func (HoldPlaced) Type() Type       { return "hold_placed" }
func (HoldLifted) Type() Type       { return "hold_lifted" }
func (TargetShared) Type() Type     { return "target_shared" }
func (StepDelayed) Type() Type      { return "step_delayed" }
func (ApprovalAsked) Type() Type    { return "approval_asked" }
func (StepStarted) Type() Type      { return "step_started" }
func (StepSkipped) Type() Type      { return "step_skipped" }
func (AttemptStarted) Type() Type   { return "attempt_started" }
func (TargetLooked) Type() Type     { return "target_looked" }
func (AttemptRecorded) Type() Type  { return "attempt_recorded" }
func (AttemptFailed) Type() Type    { return "attempt_failed" }
func (StepSucceeded) Type() Type    { return "step_succeeded" }
func (StepFailed) Type() Type       { return "step_failed" }
func (StepUnknown) Type() Type      { return "step_unknown" }
func (StepCanceled) Type() Type     { return "step_canceled" }
func (StepResolved) Type() Type     { return "step_resolved" }
func (StepRetried) Type() Type      { return "step_retried" }
func (AnswerCorrected) Type() Type  { return "answer_corrected" }
func (IterationStarted) Type() Type { return "iteration_started" }
func (ApprovalGiven) Type() Type    { return "approval_given" }
func (ApprovalRefused) Type() Type  { return "approval_refused" }
func (RollbackStarted) Type() Type  { return "rollback_started" }
func (UndoStarted) Type() Type      { return "undo_started" }
func (StepUndone) Type() Type       { return "step_undone" }
func (UndoFailed) Type() Type       { return "undo_failed" }
func (UndoSkipped) Type() Type      { return "undo_skipped" }
func (UndoInherited) Type() Type    { return "undo_inherited" }

// Unknown is an event of a type that this version does not know. It is kept
// and shown, and it changes no state.
type Unknown struct {
	Name Type
	Raw  json.RawMessage // the whole line
}

// Type implements [Body].
func (u Unknown) Type() Type { return u.Name }

// header is what every entry starts with, in this order.
type header struct {
	Time    string `json:"time"`
	Type    Type   `json:"type"`
	Path    string `json:"path,omitempty"`
	By      *Actor `json:"by,omitempty"`
	Request string `json:"request,omitempty"`
}

// Encode returns the event as one JSON object on one line, without a newline:
// the header's fields first (time, type, path, by, request), then the body's.
func (e Event) Encode() ([]byte, error) {
	if e.Body == nil {
		return nil, fmt.Errorf("event without a body at %s", e.Time)
	}
	head, err := marshalPlain(header{e.Time.UTC().Format(timeLayout), e.Body.Type(), e.Path, e.By, e.Request})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Body.Type(), err)
	}
	if u, ok := e.Body.(Unknown); ok {
		return nil, fmt.Errorf("an event of unknown type %q cannot be written again", u.Name)
	}
	body, err := marshalPlain(e.Body)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Body.Type(), err)
	}
	if len(body) > 2 {
		head = append(head[:len(head)-1], ',')
		head = append(head, body[1:]...)
	}
	return head, nil
}
