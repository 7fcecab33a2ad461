package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// timeLayout is RFC 3339 in UTC with microseconds, always the same width.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// kinds is the one list of event types: name and how to decode its body.
var kinds = []struct {
	name   Type
	decode func([]byte) (Body, error)
}{
	{"run_started", decodeAs[RunStarted]},
	{"run_resumed", decodeAs[RunResumed]},
	{"run_paused", decodeAs[RunPaused]},
	{"run_continued", decodeAs[RunContinued]},
	{"run_interrupted", decodeAs[RunInterrupted]},
	{"cancel_requested", decodeAs[CancelRequested]},
	{"run_ended", decodeAs[RunEnded]},
	{"note_added", decodeAs[NoteAdded]},
	{"tail_set_aside", decodeAs[TailSetAside]},
	{"step_delayed", decodeAs[StepDelayed]},
	{"approval_asked", decodeAs[ApprovalAsked]},
	{"step_started", decodeAs[StepStarted]},
	{"step_skipped", decodeAs[StepSkipped]},
	{"attempt_started", decodeAs[AttemptStarted]},
	{"attempt_recorded", decodeAs[AttemptRecorded]},
	{"attempt_failed", decodeAs[AttemptFailed]},
	{"step_succeeded", decodeAs[StepSucceeded]},
	{"step_failed", decodeAs[StepFailed]},
	{"step_unknown", decodeAs[StepUnknown]},
	{"step_canceled", decodeAs[StepCanceled]},
	{"step_resolved", decodeAs[StepResolved]},
	{"step_retried", decodeAs[StepRetried]},
	{"iteration_started", decodeAs[IterationStarted]},
	{"approval_given", decodeAs[ApprovalGiven]},
	{"approval_refused", decodeAs[ApprovalRefused]},
	{"rollback_started", decodeAs[RollbackStarted]},
	{"undo_started", decodeAs[UndoStarted]},
	{"step_undone", decodeAs[StepUndone]},
	{"undo_failed", decodeAs[UndoFailed]},
	{"undo_skipped", decodeAs[UndoSkipped]},
}

var decoders = func() map[Type]func([]byte) (Body, error) {
	m := make(map[Type]func([]byte) (Body, error), len(kinds))
	for _, k := range kinds {
		m[k.name] = k.decode
	}
	return m
}()

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
func (RunPaused) Type() Type        { return "run_paused" }
func (RunContinued) Type() Type     { return "run_continued" }
func (RunInterrupted) Type() Type   { return "run_interrupted" }
func (CancelRequested) Type() Type  { return "cancel_requested" }
func (RunEnded) Type() Type         { return "run_ended" }
func (NoteAdded) Type() Type        { return "note_added" }
func (TailSetAside) Type() Type     { return "tail_set_aside" }
func (StepDelayed) Type() Type      { return "step_delayed" }
func (ApprovalAsked) Type() Type    { return "approval_asked" }
func (StepStarted) Type() Type      { return "step_started" }
func (StepSkipped) Type() Type      { return "step_skipped" }
func (AttemptStarted) Type() Type   { return "attempt_started" }
func (AttemptRecorded) Type() Type  { return "attempt_recorded" }
func (AttemptFailed) Type() Type    { return "attempt_failed" }
func (StepSucceeded) Type() Type    { return "step_succeeded" }
func (StepFailed) Type() Type       { return "step_failed" }
func (StepUnknown) Type() Type      { return "step_unknown" }
func (StepCanceled) Type() Type     { return "step_canceled" }
func (StepResolved) Type() Type     { return "step_resolved" }
func (StepRetried) Type() Type      { return "step_retried" }
func (IterationStarted) Type() Type { return "iteration_started" }
func (ApprovalGiven) Type() Type    { return "approval_given" }
func (ApprovalRefused) Type() Type  { return "approval_refused" }
func (RollbackStarted) Type() Type  { return "rollback_started" }
func (UndoStarted) Type() Type      { return "undo_started" }
func (StepUndone) Type() Type       { return "step_undone" }
func (UndoFailed) Type() Type       { return "undo_failed" }
func (UndoSkipped) Type() Type      { return "undo_skipped" }

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

// Decode reads a journal line, or what Encode returned. Fields it does not
// know (seq and hash among them) are passed over; a type it does not know
// gives a body of type [Unknown].
func Decode(line []byte) (Event, error) {
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return Event{}, fmt.Errorf("not an event: %w", err)
	}
	if h.Type == "" {
		return Event{}, fmt.Errorf("not an event: no type")
	}
	t, err := time.Parse(time.RFC3339Nano, h.Time)
	if err != nil {
		return Event{}, fmt.Errorf("%s: bad time: %w", h.Type, err)
	}
	e := Event{Time: t.UTC(), Path: h.Path, By: h.By, Request: h.Request}
	decode, known := decoders[h.Type]
	if !known {
		e.Body = Unknown{h.Type, bytes.Clone(line)}
		return e, nil
	}
	if e.Body, err = decode(line); err != nil {
		return Event{}, fmt.Errorf("%s: %w", h.Type, err)
	}
	return e, nil
}

func decodeAs[B Body](line []byte) (Body, error) {
	var b B
	if reflect.TypeFor[B]().NumField() == 0 {
		return b, nil
	}
	if err := json.Unmarshal(line, &b); err != nil {
		return nil, err
	}
	return b, nil
}
