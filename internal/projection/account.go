package projection

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/event"
)

// Account is a run with all that its journal says of it, for those who were not
// there. [Account.Add] folds its entries; the other fields are for the caller to
// fill.
type Account struct {
	Status    Status
	Entries   []Numbered // all but checkpoints, in order
	Waits     []Wait     // for people, in order of their beginning
	Custody   Custody
	Controls  Controls
	Contained []Look // what is so still because of the run
	Verified  Verification
	Unproven  error // why there is no verification
	Played    bool  // in an exercise: there is no journal
}

// Numbered is an entry with its number in the journal, and what was sent to a
// target meanwhile, in short.
type Numbered struct {
	Seq int64 `json:"entry"`
	Entry
	Event    event.Type `json:"event"`
	Sent     string     `json:"sent,omitempty"`
	Decision bool       `json:"decision,omitempty"` // a person decided
	Failure  bool       `json:"failure,omitempty"`
}

// Wait is a time in which a step waited for people. Ended is zero while it does.
type Wait struct {
	Path  string `json:"path"`
	For   string `json:"for"` // roles, or what is to be done
	Began Time   `json:"began"`
	Ended Time   `json:"ended"`
	By    string `json:"by"` // who ended it; "" if time did, or nobody yet
	// Dropped says that it ended with the run, unanswered.
	Dropped bool `json:"dropped,omitempty"`
}

// Length is how long it took, up to a time if it goes on.
func (w Wait) Length(now time.Time) time.Duration {
	if w.Ended.IsZero() {
		return now.Sub(w.Began.Time)
	}
	return w.Ended.Sub(w.Began.Time)
}

// decisions are the events by which people decide about a run.
var decisions = []event.Type{
	"approval_given", "approval_refused", "authority_delegated", "step_retried", "step_resolved", "answer_corrected", "cancel_requested", "rollback_started",
	"undo_skipped", "target_shared", "run_taken_over", "run_paused", "run_continued", "fact_stated", "clock_held", "hold_placed", "hold_lifted",
}

// Add takes up the next entry of the journal.
func (a *Account) Add(seq int64, e event.Event) {
	a.Custody.Add(seq, e)
	a.Controls.Add(seq, e)
	row := Numbered{Seq: seq, Entry: Tell(e), Event: e.Type()}
	person := e.By != nil
	switch b := e.Body.(type) {
	case event.CheckpointSigned:
		return
	case event.ApprovalAsked:
		a.Waits = append(a.Waits, Wait{Path: e.Path, For: approvers(b.Roles, b.Need), Began: Time{e.Time}})
	case event.StepStarted:
		if b.Text != "" {
			a.Waits = append(a.Waits, Wait{Path: e.Path, For: b.Text, Began: Time{e.Time}})
		}
	case event.ApprovalGiven:
		// Others may have to agree, too: the next event of the step ends it.
	case event.AttemptStarted:
		row.Sent = sentOf(b.With)
		a.ended(e)
	case event.StepFailed:
		a.ended(e)
		if b.Fallback != "" {
			a.Waits = append(a.Waits, Wait{Path: e.Path, For: b.Fallback, Began: Time{e.Time}})
		}
	case event.RunEnded:
		for i := range a.Waits {
			if w := &a.Waits[i]; w.Ended.IsZero() {
				w.Ended, w.Dropped = Time{e.Time}, true
			}
		}
	case event.StepSucceeded, event.StepSkipped, event.StepCanceled, event.ApprovalRefused, event.UndoStarted, event.UndoSkipped, event.StepUndone:
		a.ended(e)
	}
	row.Decision = person && (slices.Contains(decisions, row.Event) || row.Event == "step_skipped" || row.Event == "step_succeeded")
	row.Failure = slices.Contains([]event.Type{"attempt_failed", "step_failed", "step_unknown", "undo_failed", "notice_failed"}, row.Event)
	for _, kept := range Artifacts(e.Body) {
		if kept.Name == SentName {
			row.Sent = kept.Head
		}
	}
	a.Entries = append(a.Entries, row)
}

// sentOf is the command or the request among the inputs of an action.
func sentOf(with event.Values) string {
	var words []string
	for _, name := range Sent {
		switch v := with[name].(type) {
		case nil:
		case []any:
			for _, word := range v {
				words = append(words, Quote(fmt.Sprint(word)))
			}
		default:
			words = append(words, fmt.Sprint(v))
		}
	}
	return strings.Join(words, " ")
}

// ended ends the wait of a step that is over.
func (a *Account) ended(e event.Event) {
	for i := len(a.Waits) - 1; i >= 0; i-- {
		w := &a.Waits[i]
		if w.Path != e.Path || !w.Ended.IsZero() {
			continue
		}
		w.Ended, w.By = Time{e.Time}, Who(e.By)
		if w.By == "" {
			w.By = a.lastAnswer(e.Path)
		}
		return
	}
}

// lastAnswer is who answered a step last: the driver went on because of it.
func (a *Account) lastAnswer(path string) string {
	for _, row := range slices.Backward(a.Entries) {
		if row.Path == path && strings.HasPrefix(string(row.Event), "approval_") {
			return row.By
		}
	}
	return ""
}
