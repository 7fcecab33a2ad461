package projection

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// Status is a run as it stands. Its JSON is the output of `status -o json`;
// the fields without a JSON name are for screens.
type Status struct {
	Run         string       `json:"run"`
	Runbook     string       `json:"runbook"`
	Title       string       `json:"title"`
	Exercise    string       `json:"exercise,omitempty"` // the scenario that it is of; "" is real
	Environment string       `json:"environment"`
	Status      event.Status `json:"status"`
	Started     Time         `json:"started"`
	Ended       Time         `json:"ended"`
	Steps       []Step       `json:"steps"`    // reading order, a block before what is in it
	Waiting     []Waiting    `json:"waiting"`  // longest first
	Next        []string     `json:"next"`     // most useful first
	Incident    string       `json:"incident"` // what the run is about, by its inputs; may be ""
	Degraded    int          `json:"degraded"` // steps that failed and were gone on without
	Driven      bool         `json:"driven"`   // a process drives the run now
	Pause       *Pause       `json:"paused,omitempty"`
	Held        bool         `json:"held"` // paused with all other runs of the home: irctl halt
	Head        Head         `json:"head"`
	Left        []Entry      `json:"left,omitempty"`        // what others have asked for, to be taken when the run is resumed
	Refused     []Entry      `json:"refused,omitempty"`     // what this account asked for that was not done, and why, if it did not wait for that
	Expiring    []Look       `json:"expiring,omitempty"`    // what the run brought about for a time only, and what is still so
	Archive     string       `json:"archive,omitempty"`     // the file that a run without a folder lies in: it can only be read
	Fingerprint string       `json:"fingerprint,omitempty"` // of the last checkpoint of its journal; "" if it has none
	// BreakGlass are the approvals that one person gave in place of others: the
	// step, who, when and why.
	BreakGlass []string `json:"break_glass,omitempty"`
	Delegated  []string `json:"delegated,omitempty"`  // roles that somebody else has now
	Clocks     []Clock  `json:"clocks,omitempty"`     // who must be told, and by when
	Warnings   []string `json:"warnings,omitempty"`   // what makes its journal prove less than others do
	Anchors    []Anchor `json:"anchors,omitempty"`    // who else remembers how far it had come, as their receipts say
	NotUndone  string   `json:"not_undone,omitempty"` // the no with which its last rollback ended, and what was put back before
	LeftTo     []LeftTo `json:"left_to,omitempty"`    // what its rollback left as it is, because other runs rely on it
	Belongs    string   `json:"belongs,omitempty"`    // whose it is what the run found so, if it has nothing of its own to undo
	Contained  []Look   `json:"contained,omitempty"`  // what it brought about and shall be so now; only in JSON

	Words       string       `json:"-"` // the same as words
	By          event.Actor  `json:"-"` // who started it
	Override    string       `json:"-"` // against what the run was started, and why; mostly ""
	Hold        string       `json:"-"` // who placed the run on hold, when and why; mostly ""
	Signed      string       `json:"-"` // by whom the playbooks were signed; mostly ""
	Message     string       `json:"-"` // with which the run ended
	Outputs     event.Values `json:"-"`
	Canceling   bool         `json:"-"`
	RollingBack bool         `json:"-"`
	Undoable    int          `json:"-"` // how many steps a rollback now would undo
	Stays       []string     `json:"-"` // steps that no rollback takes back: what they did cannot be undone
	ByHand      []string     `json:"-"` // steps that a person did in the action's place, and that a person must undo
	Now         time.Time    `json:"-"` // when this was so
}

// Step is one step of a run.
type Step struct {
	Path     string       `json:"path"` // at run time, "rotate[alice]/reset"
	ID       string       `json:"id"`
	Title    string       `json:"title"`
	Kind     plan.Kind    `json:"kind"`
	Action   string       `json:"action"` // "" unless the step uses one
	Target   string       `json:"target"` // name, or the expression that computes it
	Status   event.Status `json:"status"`
	Attempts int          `json:"attempts"`
	Started  Time         `json:"started"`
	Ended    Time         `json:"ended"`
	Outputs  data.Map     `json:"outputs"` // never nil

	Depth    int              `json:"-"` // 0 for a step of the main block
	Inside   int              `json:"-"` // how many of the following steps are in this one
	Phase    string           `json:"-"` // of the incident, as the runbook says; "" if it does not
	Branch   string           `json:"-"` // the block of the parent it is in: "then", a case, an item's key
	Block    bool             `json:"-"` // holds other steps
	Gate     bool             `json:"-"` // asks for approval before it begins
	Reached  bool             `json:"-"` // has begun
	Text     string           `json:"-"` // what a person is asked, filled in
	Summary  string           `json:"-"` // what the action said at its end
	Error    *event.Failure   `json:"-"`
	With     event.Values     `json:"-"` // inputs of the latest attempt, without secrets
	Kept     []event.Artifact `json:"-"` // what was kept of its output
	RetryAt  time.Time        `json:"-"` // when the next attempt begins, zero if none is planned
	Deadline time.Time        `json:"-"`
	Still    bool             `json:"-"` // it has not ended, and nothing of it goes on: no clock runs
	acts     bool             // an attempt began, and its outcome is not known
	Instead  string           `json:"-"` // what it is, where the status would say that it goes on
}

// Name is the title, or the id of a step without one.
func (s Step) Name() string {
	if s.Title != "" {
		return s.Title
	}
	return s.ID
}

// For is what a step waits for. The zero value is invalid.
type For string

// What steps wait for.
const (
	ForApproval For = "approval" // people say yes or no
	ForManual   For = "manual"   // a person does something and says so
	ForDecision For = "decision" // a step failed: retry, skip or roll back
	ForUnknown  For = "unknown"  // nobody knows whether it happened: a person finds out
)

// Waiting is one thing that a person must do before the run goes on.
type Waiting struct {
	Path     string    `json:"path"`
	For      For       `json:"for"`
	Roles    []string  `json:"roles"` // any of them counts; empty is anybody
	Need     int       `json:"need"`  // persons
	Have     int       `json:"have"`
	Signed   bool      `json:"signed,omitempty"`  // an answer counts only if it is signed
	Expired  bool      `json:"expired,omitempty"` // the time to answer is up
	Since    Time      `json:"since"`
	Deadline time.Time `json:"deadline,omitzero"` // when it is refused by time
	Owner    string    `json:"owner,omitempty"`   // who does it by hand, as the runbook says
	Refused  string    `json:"refused,omitempty"` // of a decision: by whom, and why
	Command  string    `json:"command"`           // the literal command
	Told     []Told    `json:"told,omitempty"`    // since it waits, oldest first

	Title    string       `json:"-"`
	Text     string       `json:"-"` // the instruction or the question, filled in
	Why      string       `json:"-"` // of a decision or an unknown: what went wrong
	Hint     string       `json:"-"` // what the action suggests
	Besides  []string     `json:"-"` // roles that may answer, too, from a time on that has not come
	From     time.Time    `json:"-"` // that time
	Answers  []plan.Field `json:"-"` // a manual step's outputs
	Evidence []plan.Field `json:"-"` // files a manual step wants
	Undo     bool         `json:"-"` // it is about undoing the step
	Undoes   int          `json:"-"` // and so many are undone after a yes
	Asks     bool         `json:"-"` // of a decision: the step itself asks for approval, and cannot be skipped

	Action, Target string       `json:"-"` // of an approval: what the step itself does then
	With           event.Values `json:"-"` // with these inputs, as they were when it was asked
	Again          []string     `json:"-"` // what is another than when it was asked before and agreed to
	Then           []string     `json:"-"` // of an approval: the actions that wait for it, "email.suspend on corporate-mail"
	Meanwhile      []string     `json:"-"` // steps that have ended since it was asked: "evidence succeeded"
	Others         []string     `json:"-"` // the other answers, as literal commands
	Fingerprint    string       `json:"-"` // of the journal, in which the question stands
}

// Head is the last entry of the journal that this was made from.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Pause says who paused a run, since when and why.
type Pause struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
	Since  Time   `json:"since"`

	halt bool // with all other runs of the home
}

// LeftTo is a step that a rollback left as it is, and the run that puts it back.
type LeftTo struct {
	Path string `json:"path"`
	Run  string `json:"run"`
}

// Row is a run in a list. Its JSON is an element of `list -o json`.
type Row struct {
	Run         string       `json:"run"`
	Incident    string       `json:"incident"`
	Runbook     string       `json:"runbook"`
	Title       string       `json:"title"`
	Exercise    string       `json:"exercise,omitempty"` // as in Status
	Environment string       `json:"environment"`
	Status      event.Status `json:"status"`
	Started     Time         `json:"started"`
	Ended       Time         `json:"ended"`
	By          string       `json:"by"` // who started it
	Driven      bool         `json:"driven"`
	Degraded    int          `json:"degraded"`       // steps that failed and were gone on without
	Waiting     []Waiting    `json:"waiting"`        // longest first
	Left        []Entry      `json:"left,omitempty"` // as in Status
	Expiring    []Look       `json:"expiring,omitempty"`
	Archive     string       `json:"archive,omitempty"`     // the file that it was read from, if it has no folder
	Fingerprint string       `json:"fingerprint,omitempty"` // of the last checkpoint of its journal
	BreakGlass  []string     `json:"break_glass,omitempty"`
	Pause       *Pause       `json:"paused,omitempty"`
	Held        bool         `json:"held"`
	NotUndone   string       `json:"not_undone,omitempty"`
	LeftTo      []LeftTo     `json:"left_to,omitempty"`

	About []string `json:"-"` // the incidents that the inputs name
	Place int      `json:"-"` // among all runs, the newest is 1
	Short string   `json:"-"` // as much of the id as tells it from all others
}

// Concerns reports whether a run is about an incident.
func (r Row) Concerns(incident string) bool {
	return r.Incident == incident || slices.Contains(r.About, incident)
}

// Time is a time that may be absent: then it is "" in JSON, otherwise RFC 3339
// in UTC.
type Time struct{ time.Time }

// String returns RFC 3339 in UTC, "" for no time.
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(time.RFC3339Nano)+2), '"')
	if !t.IsZero() {
		b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	}
	return append(b, '"'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		*t = Time{}
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return err
	}
	*t = Time{at.UTC()}
	return nil
}
