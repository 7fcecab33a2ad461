package projection

import (
	"fmt"
	"strings"
	"time"
)

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
	Hand     bool     `json:"by_hand,omitempty"`  // a person did it in the action's place
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
	ByHand     LookState = "by hand, not checked"
	MayBe      LookState = "may be so"     // attempted, without success
	NotSo      LookState = "is not so"     // the same, and somebody looked
	WouldKeep  LookState = "would be kept" // and a note says that the run was rolled back
	WouldUndo  LookState = "would be put back"
	WouldStay  LookState = "would stay"
	WouldStop  LookState = "would be stopped"
	CannotUndo LookState = "cannot be put back"
)

// Rechecked sums up what was seen of the steps of a run, and says whether
// something came undone, and whether something could not be looked at.
func Rechecked(steps []Look) (sum string, undone, unseen bool) {
	gone, lost := inState(steps, Undone)+inState(steps, Expired), inState(steps, NotSeen)
	switch {
	case gone > 0:
		sum = fmt.Sprintf("%d of %d steps came undone or expired.", gone, len(steps))
	case lost > 0:
		sum = fmt.Sprintf("%d of %d steps could not be looked at, so nobody knows whether they are still so.", lost, len(steps))
	case len(steps) == 0:
		sum = "This run changed nothing that is to be so now."
	default:
		sum = fmt.Sprintf("Nothing came undone: %d of %d steps are still so, as far as anybody can tell.", inState(steps, StillSo), len(steps))
	}
	return sum, gone > 0, lost > 0
}

// Foreseen counts what a rollback, or a cancel, would do.
func Foreseen(steps []Look) string {
	var out []string
	for _, state := range []LookState{WouldUndo, WouldKeep, WouldStop, WouldStay, CannotUndo} {
		if n := inState(steps, state); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(out) == 0 {
		return "No step is changed."
	}
	text := "Steps: " + strings.Join(out, ", ") + "."
	var hand []string
	for _, l := range steps {
		if l.Hand {
			hand = append(hand, l.Path)
		}
	}
	if len(hand) > 0 {
		text += " By hand, ask whoever did it to undo it: " + strings.Join(hand, ", ") + "."
	}
	return text
}

// PutBack counts what a rollback would put back.
func PutBack(steps []Look) int { return inState(steps, WouldUndo) }

func inState(steps []Look, state LookState) (n int) {
	for _, l := range steps {
		if l.State == state {
			n++
		}
	}
	return n
}
