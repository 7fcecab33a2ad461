package request

import (
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// Request is what a person asks of a run: an [Answer], [Response], [Delegate],
// [Done], [Skip], [Retry], [Resolve], [Note], [Fact], [HoldClock], [Hold], [Pause], [Cancel] or
// [Rollback]. It becomes an event of the run as it stands when it is asked.
type Request interface {
	decide(Standing) (Decision, error)
}

// Share lets a run change targets that others claim, and asks that it may touch
// what is protected.
type Share struct {
	Targets, Touch []string
	Reason         string
}

// Shares is what a request shares; asked is false if it changes no target.
func Shares(req Request) (share Share, asked bool) {
	switch w := req.(type) {
	case Answer:
		return w.Share, w.Yes
	case Rollback:
		return w.Share, true
	}
	return Share{}, false
}

// Touches is what a request asks that the run may touch, and why.
func Touches(req Request) (items []string, reason string) {
	switch w := req.(type) {
	case Retry:
		return w.Touch, w.Reason
	case Rollback:
		return w.Share.Touch, w.Reason
	}
	return nil, ""
}

// Decide makes a request the event that it is about a run as it stands.
func Decide(req Request, st Standing) (Decision, error) { return req.decide(st) }

// Acts reports whether a request is one that a person confirms on a terminal, who
// was shown what it would do.
func Acts(req Request) bool {
	switch req.(type) {
	case Rollback, Cancel:
		return true
	}
	return false
}

// Standing is a run as it stands when somebody asks something of it.
type Standing struct {
	Run     string
	State   engine.State
	Rules   authority.Rules
	Account string // who asks
	At      time.Time
	// Signer opens the key of whoever asks; nil if there is none.
	Signer func() (sshsig.Signer, error)
}

// Decision is the event that a request became.
type Decision struct {
	Path   string // of the step; "" for the run as such
	Person string // who decides, "" if nobody in particular
	Body   event.Body
	// Summary is what to tell the person once it is durable.
	Summary string
	// Signer is the key with which it is to be signed; nil if it is not.
	Signer sshsig.Signer
	// Aim is how the run ends if it ends as the person wants; nil when the
	// request does not say.
	Aim []event.Status
}

// Answer is a yes or a no to what a step asks.
type Answer struct {
	Step, As, Role, Comment string
	Yes                     bool
	// BreakGlass is a yes of one person in place of all others, for the reason
	// that Comment gives.
	BreakGlass bool
	Share      Share
}

func (w Answer) decide(st Standing) (Decision, error) {
	step, undo, err := st.asking(w.Step)
	if err != nil {
		return Decision{}, err
	}
	body := func(role string) event.Body {
		if w.BreakGlass {
			return event.ApprovalGiven{Role: role, BreakGlass: w.Comment, Undo: undo}
		}
		return said(w.Yes, undo, role, w.Comment)
	}
	by, signer, err := st.decider(step.Path, body(""), w.As, w.Role)
	if err != nil {
		return Decision{}, err
	}
	did := "approved"
	switch {
	case w.BreakGlass:
		did = "the glass is broken: approved alone"
	case !w.Yes:
		did = "refused"
	}
	if as := strings.Trim(by.Person+", "+by.Role, ", "); as != "" {
		did += " as " + as
	}
	if signer == nil {
		did += ", not signed"
	}
	return Decision{Path: step.Path, Person: by.Person, Body: body(by.Role), Summary: step.Path + ": " + did + ".", Signer: signer}, nil
}

// asking is a step that asks for a yes or a no, and whether that is to its undo.
func (st Standing) asking(name string) (step engine.Step, undo bool, err error) {
	if step, err = st.Step(name); err == nil && authority.RolesOf(step, st.At) == nil {
		err = st.notWaiting(step, "an approval")
	}
	return step, step.Undo.Phase == engine.UndoApproving, err
}

// said is a yes or a no.
func said(yes, undo bool, role, comment string) event.Body {
	if yes {
		return event.ApprovalGiven{Role: role, Comment: comment, Undo: undo}
	}
	return event.ApprovalRefused{Role: role, Comment: comment, Undo: undo}
}

// Delegate hands a role over to another person until a time.
type Delegate struct {
	To, Role, As, Reason string
	Until                time.Time
}

func (w Delegate) decide(st Standing) (Decision, error) {
	body := event.AuthorityDelegated{To: w.To, Role: w.Role, Until: w.Until.UTC(), Reason: w.Reason}
	by, signer, err := st.decider("", body, w.As, w.Role)
	if err != nil {
		return Decision{}, err
	}
	summary := w.To + " answers as " + w.Role + " instead of " + by.Person + " until " + body.Until.Format(time.RFC3339) + "."
	return Decision{Person: by.Person, Body: body, Summary: summary, Signer: signer}, nil
}

// Skip passes a step over, or leaves it as it is during a rollback.
type Skip struct{ Step, Reason string }

func (w Skip) decide(st Standing) (Decision, error) {
	step, err := st.Step(w.Step)
	if err != nil {
		return Decision{}, err
	}
	if st.State.RollingBack() && step.Undo.Phase != "" {
		return Decision{Path: step.Path, Body: event.UndoSkipped{Reason: w.Reason}, Summary: step.Path + ": stays as it is."}, nil
	}
	return Decision{Path: step.Path, Body: event.StepSkipped{Reason: w.Reason}, Summary: step.Path + ": skipped."}, nil
}

// Retry tries a failed step, or a failed undo, again, in another environment if
// that was read anew with [desk.Desk.Reload].
type Retry struct {
	Step, Reason string
	Touch        []string // what is protected and is to be touched all the same
	Environment  event.Reloaded
}

func (w Retry) decide(st Standing) (Decision, error) {
	step, err := st.Step(w.Step)
	if err != nil {
		return Decision{}, err
	}
	why := step.Error
	if step.Undo.Error != nil {
		why = step.Undo.Error
	}
	if len(w.Touch) > 0 && why != nil && why.Refused && why.Touch == "" {
		return Decision{}, fmt.Errorf("--touch helps nothing here: %s. %s", why.Message, why.Hint)
	}
	summary := step.Path + ": to be tried again."
	if w.Environment.Source != "" {
		summary += " The environment is read anew: " + strings.Join(w.Environment.Differs, "; ") + "."
	}
	return Decision{Path: step.Path, Body: event.StepRetried{Reason: w.Reason, Environment: w.Environment}, Summary: summary}, nil
}

// Resolve decides an outcome that nobody could tell.
type Resolve struct {
	Step, Reason string
	Happened     bool
	Failed       bool // it did not happen, and is not tried again
}

func (w Resolve) decide(st Standing) (Decision, error) {
	step, err := st.Step(w.Step)
	if err != nil {
		return Decision{}, err
	}
	if step.Phase != engine.Doubtful {
		return Decision{}, st.notWaiting(step, "a word on its outcome")
	}
	summary := step.Path + ": it happened."
	if !w.Happened {
		summary = step.Path + ": it did not happen."
	}
	if w.Failed {
		summary = step.Path + ": it did not happen, and is not tried again."
	}
	return Decision{Path: step.Path, Body: event.StepResolved{Happened: w.Happened, Failed: w.Failed, Reason: w.Reason}, Summary: summary}, nil
}

// Note is a remark, about a step if one is named.
type Note struct{ Step, Text string }

func (w Note) decide(st Standing) (Decision, error) {
	out := Decision{Body: event.NoteAdded{Text: w.Text}, Summary: "Noted."}
	if w.Step == "" {
		return out, nil
	}
	step, err := st.Step(w.Step)
	out.Path = step.Path
	return out, err
}

// Hold keeps a run from being archived or deleted, also one that has ended,
// until it is lifted.
type Hold struct {
	Reason string
	Lift   bool
}

func (w Hold) decide(Standing) (Decision, error) {
	if w.Lift {
		return Decision{Body: event.HoldLifted{}, Summary: "The hold is lifted."}, nil
	}
	return Decision{Body: event.HoldPlaced{Reason: w.Reason}, Summary: "On hold: the run is neither archived nor deleted."}, nil
}

// Pause keeps anything new from starting.
type Pause struct{ Reason string }

func (w Pause) decide(Standing) (Decision, error) {
	return Decision{Body: event.RunPaused{Reason: w.Reason}, Summary: "Paused: what runs goes on to its end, nothing new starts."}, nil
}

// Cancel ends the run early.
type Cancel struct{ Reason string }

func (w Cancel) decide(Standing) (Decision, error) {
	return Decision{Body: event.CancelRequested{Reason: w.Reason}, Summary: "Canceled: nothing new starts, and what runs is told to stop.",
		Aim: []event.Status{event.Canceled}}, nil
}

// Rollback undoes the run, or a part of it: back To a step, or Only one.
type Rollback struct {
	To, Only, Reason string
	Share            Share
}

func (w Rollback) decide(st Standing) (Decision, error) {
	b := event.RollbackStarted{Reason: w.Reason}
	for _, f := range []struct {
		given string
		path  *string
	}{{w.To, &b.To}, {w.Only, &b.Only}} {
		if f.given == "" {
			continue
		}
		step, err := st.Step(f.given)
		if err != nil {
			return Decision{}, err
		}
		*f.path = step.Path
	}
	// A part of a run that is undone leaves the run as it had ended.
	aim := []event.Status{event.Undone}
	if b.To != "" || b.Only != "" {
		aim = append(aim, event.Succeeded, event.Failed, event.Canceled)
	}
	summary := "Rolling back."
	switch n := len(st.State.Undoable(b.To, b.Only)); {
	case n == 1:
		summary = "Rolling back 1 step, newest first."
	case n > 1:
		summary = fmt.Sprintf("Rolling back %d steps, newest first.", n)
	}
	return Decision{Body: b, Summary: summary, Aim: aim}, nil
}
