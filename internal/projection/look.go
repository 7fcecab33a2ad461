package projection

import "time"

// Look is a step that is over, with what its target says now.
type Look struct {
	Run    string    `json:"run,omitempty"` // if the rows are of several runs
	Path   string    `json:"path"`
	Action string    `json:"action"` // "" of a step without one
	Target string    `json:"target"`
	Since  Time      `json:"since"` // when it had its outcome
	State  LookState `json:"state"`
	Now    string    `json:"now"`  // the target's state, "" if nobody knows
	Note   string    `json:"note"` // why that is so

	Expires  Time     `json:"expires,omitzero"`   // until when it may be so; zero is without end
	Owner    string   `json:"owner,omitempty"`    // who answers for what expires; may be ""
	Commands []string `json:"commands,omitempty"` // of what expires: what to type then
}

// At is the look as it is at a time, if nobody looked.
func (l Look) At(now time.Time) Look {
	if l.State == Contained && !l.Expires.IsZero() && !now.Before(l.Expires.Time) {
		l.State = Expired
	}
	return l
}

// LookState says what became, or would become, of what a step did. The zero
// value is invalid.
type LookState string

// What became of it, and what would.
const (
	StillSo    LookState = "still so"
	Undone     LookState = "came undone"
	CannotTell LookState = "cannot tell"
	NotSeen    LookState = "could not look"
	Expired    LookState = "expired"   // nothing is known to have come undone, and it should have been put back
	Contained  LookState = "contained" // nobody looked
	WouldUndo  LookState = "would be put back"
	WouldStay  LookState = "would stay"
	WouldStop  LookState = "would be stopped"
	CannotUndo LookState = "cannot be put back"
)
