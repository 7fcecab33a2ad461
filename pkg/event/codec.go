package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// timeLayout is RFC 3339 in UTC with microseconds, always the same width.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// kinds is the one list of event types: name and body.
var kinds = []struct {
	name Type
	of   reflect.Type
}{
	{"run_started", reflect.TypeFor[RunStarted]()},
	{"run_resumed", reflect.TypeFor[RunResumed]()},
	{"run_taken_over", reflect.TypeFor[RunTakenOver]()},
	{"run_paused", reflect.TypeFor[RunPaused]()},
	{"run_continued", reflect.TypeFor[RunContinued]()},
	{"run_interrupted", reflect.TypeFor[RunInterrupted]()},
	{"cancel_requested", reflect.TypeFor[CancelRequested]()},
	{"run_ended", reflect.TypeFor[RunEnded]()},
	{"note_added", reflect.TypeFor[NoteAdded]()},
	{"hold_placed", reflect.TypeFor[HoldPlaced]()},
	{"hold_lifted", reflect.TypeFor[HoldLifted]()},
	{"evidence_added", reflect.TypeFor[EvidenceAdded]()},
	{"evidence_handed_over", reflect.TypeFor[EvidenceHandedOver]()},
	{"fact_stated", reflect.TypeFor[FactStated]()},
	{"clock_held", reflect.TypeFor[ClockHeld]()},
	{"tail_set_aside", reflect.TypeFor[TailSetAside]()},
	{"target_shared", reflect.TypeFor[TargetShared]()},
	{"override_requested", reflect.TypeFor[OverrideRequested]()},
	{"checkpoint_signed", reflect.TypeFor[CheckpointSigned]()},
	{"log_restarted", reflect.TypeFor[LogRestarted]()},
	{"notice_started", reflect.TypeFor[NoticeStarted]()},
	{"notice_sent", reflect.TypeFor[NoticeSent]()},
	{"notice_failed", reflect.TypeFor[NoticeFailed]()},
	{"step_delayed", reflect.TypeFor[StepDelayed]()},
	{"approval_asked", reflect.TypeFor[ApprovalAsked]()},
	{"step_started", reflect.TypeFor[StepStarted]()},
	{"step_skipped", reflect.TypeFor[StepSkipped]()},
	{"attempt_started", reflect.TypeFor[AttemptStarted]()},
	{"attempt_recorded", reflect.TypeFor[AttemptRecorded]()},
	{"target_looked", reflect.TypeFor[TargetLooked]()},
	{"attempt_failed", reflect.TypeFor[AttemptFailed]()},
	{"step_succeeded", reflect.TypeFor[StepSucceeded]()},
	{"step_failed", reflect.TypeFor[StepFailed]()},
	{"step_unknown", reflect.TypeFor[StepUnknown]()},
	{"step_canceled", reflect.TypeFor[StepCanceled]()},
	{"step_resolved", reflect.TypeFor[StepResolved]()},
	{"step_retried", reflect.TypeFor[StepRetried]()},
	{"answer_corrected", reflect.TypeFor[AnswerCorrected]()},
	{"iteration_started", reflect.TypeFor[IterationStarted]()},
	{"approval_given", reflect.TypeFor[ApprovalGiven]()},
	{"approval_refused", reflect.TypeFor[ApprovalRefused]()},
	{"authority_delegated", reflect.TypeFor[AuthorityDelegated]()},
	{"rollback_started", reflect.TypeFor[RollbackStarted]()},
	{"undo_started", reflect.TypeFor[UndoStarted]()},
	{"step_undone", reflect.TypeFor[StepUndone]()},
	{"undo_failed", reflect.TypeFor[UndoFailed]()},
	{"undo_skipped", reflect.TypeFor[UndoSkipped]()},
	{"undo_inherited", reflect.TypeFor[UndoInherited]()},
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
func (RunStarted) Type() Type         { return "run_started" }
func (RunResumed) Type() Type         { return "run_resumed" }
func (RunTakenOver) Type() Type       { return "run_taken_over" }
func (RunPaused) Type() Type          { return "run_paused" }
func (RunContinued) Type() Type       { return "run_continued" }
func (RunInterrupted) Type() Type     { return "run_interrupted" }
func (CancelRequested) Type() Type    { return "cancel_requested" }
func (RunEnded) Type() Type           { return "run_ended" }
func (NoteAdded) Type() Type          { return "note_added" }
func (TailSetAside) Type() Type       { return "tail_set_aside" }
func (FactStated) Type() Type         { return "fact_stated" }
func (ClockHeld) Type() Type          { return "clock_held" }
func (HoldPlaced) Type() Type         { return "hold_placed" }
func (HoldLifted) Type() Type         { return "hold_lifted" }
func (TargetShared) Type() Type       { return "target_shared" }
func (OverrideRequested) Type() Type  { return "override_requested" }
func (CheckpointSigned) Type() Type   { return "checkpoint_signed" }
func (LogRestarted) Type() Type       { return "log_restarted" }
func (StepDelayed) Type() Type        { return "step_delayed" }
func (ApprovalAsked) Type() Type      { return "approval_asked" }
func (StepStarted) Type() Type        { return "step_started" }
func (StepSkipped) Type() Type        { return "step_skipped" }
func (AttemptStarted) Type() Type     { return "attempt_started" }
func (TargetLooked) Type() Type       { return "target_looked" }
func (AttemptRecorded) Type() Type    { return "attempt_recorded" }
func (AttemptFailed) Type() Type      { return "attempt_failed" }
func (StepSucceeded) Type() Type      { return "step_succeeded" }
func (StepFailed) Type() Type         { return "step_failed" }
func (StepUnknown) Type() Type        { return "step_unknown" }
func (StepCanceled) Type() Type       { return "step_canceled" }
func (StepResolved) Type() Type       { return "step_resolved" }
func (StepRetried) Type() Type        { return "step_retried" }
func (AnswerCorrected) Type() Type    { return "answer_corrected" }
func (IterationStarted) Type() Type   { return "iteration_started" }
func (ApprovalGiven) Type() Type      { return "approval_given" }
func (ApprovalRefused) Type() Type    { return "approval_refused" }
func (AuthorityDelegated) Type() Type { return "authority_delegated" }
func (RollbackStarted) Type() Type    { return "rollback_started" }
func (UndoStarted) Type() Type        { return "undo_started" }
func (StepUndone) Type() Type         { return "step_undone" }
func (UndoFailed) Type() Type         { return "undo_failed" }
func (UndoSkipped) Type() Type        { return "undo_skipped" }
func (UndoInherited) Type() Type      { return "undo_inherited" }
func (NoticeStarted) Type() Type      { return "notice_started" }
func (NoticeSent) Type() Type         { return "notice_sent" }
func (NoticeFailed) Type() Type       { return "notice_failed" }

// Type implements [Body].
func (EvidenceAdded) Type() Type      { return "evidence_added" }
func (EvidenceHandedOver) Type() Type { return "evidence_handed_over" }

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

// encode is marshalPlain, at once for what irctl itself says of a step: a run
// encodes three events for each.
func (h header) encode() ([]byte, error) {
	special := func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }
	if h.By != nil || h.Request != "" || strings.ContainsFunc(h.Path, special) {
		return marshalPlain(h)
	}
	b := fmt.Appendf(make([]byte, 0, 512), `{"time":"%s","type":"%s"`, h.Time, h.Type)
	if h.Path != "" {
		b = fmt.Appendf(b, `,"path":"%s"`, h.Path)
	}
	return append(b, '}'), nil
}

// Encode returns the event as one JSON object on one line, without a newline:
// the header's fields first (time, type, path, by, request), then the body's.
func (e Event) Encode() ([]byte, error) {
	if e.Body == nil {
		return nil, fmt.Errorf("event without a body at %s", e.Time)
	}
	h := header{e.Time.UTC().Format(timeLayout), e.Body.Type(), e.Path, e.By, e.Request}
	head, err := h.encode()
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

// TypeOf is the type of the event in a line of a journal, without decoding it; ""
// if the line does not say so where Encode writes it.
func TypeOf(line []byte) Type {
	_, rest, _ := bytes.Cut(line[:min(len(line), 160)], []byte(`,"type":"`))
	name, _, _ := bytes.Cut(rest, []byte{'"'})
	return Type(name)
}
