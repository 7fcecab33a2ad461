package authority

import (
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/event"
)

// Origin is the way by which a speaker reached the writer. It says what the
// speaker's account is worth. The zero value is no origin.
type Origin string

// The origins.
const (
	Terminal Origin = "terminal" // the writer's own process: the system vouches for the account
	Inbox    Origin = "inbox"    // a file that another process left: the account is what it says
)

// Speaker is who asks something of a run.
type Speaker struct {
	Account string // the operating system's name
	Person  string // of the environment, "" if none is meant
	Role    string // in which the person answers a question, "" if none was asked
	From    Origin
}

// SpeakerOf returns who asks for an event, as the event says it. An event by
// nobody has no account.
func SpeakerOf(e event.Event, from Origin) Speaker {
	by := Speaker{From: from}
	if e.By != nil {
		by.Account, by.Person = e.By.User, e.By.Person
	}
	switch b := e.Body.(type) {
	case event.ApprovalGiven:
		by.Role = b.Role
	case event.ApprovalRefused:
		by.Role = b.Role
	}
	return by
}

// People are whom the environment of a run names. Without any, nobody in
// particular can be asked, so whoever may write to the run's folder may answer.
type People []environment.Person

// May returns nil if the speaker may ask for the event as the run stands, and
// otherwise why not, as a *[Refusal].
func (p People) May(s engine.State, e event.Event, by Speaker) error {
	if by.Account == "" || by.From == "" || !askable(e.Body) {
		return &Refusal{Reason: NotForPeople, Event: e.Type()}
	}
	roles := rolesAsked(s, e)
	if len(roles) > 0 && len(p) > 0 && by.Person == "" {
		return p.refuse(by, roles)
	}
	_, err := p.Choose(by, roles)
	return err
}

// askable reports whether people may ask for an event: the others are facts
// that only the driver can know.
func askable(b event.Body) bool {
	switch b.(type) {
	case event.ApprovalGiven, event.ApprovalRefused, event.StepSucceeded, event.StepSkipped, event.StepRetried, event.AnswerCorrected,
		event.StepResolved, event.RunPaused, event.RunContinued, event.CancelRequested, event.RollbackStarted,
		event.UndoSkipped, event.UndoInherited, event.TargetShared, event.NoteAdded, event.EvidenceAdded, event.EvidenceHandedOver,
		event.HoldPlaced, event.HoldLifted:
		return true
	}
	return false
}

// rolesAsked returns the roles to which the question was put that an event
// answers; none if it answers none, or if nothing is asked, which the engine
// refuses.
func rolesAsked(s engine.State, e event.Event) []string {
	switch e.Body.(type) {
	case event.ApprovalGiven, event.ApprovalRefused:
		step, _ := s.Step(e.Path)
		return RolesOf(step)
	}
	return nil
}

// RolesOf returns the roles whose yes or no a step waits for, before it runs or
// before it is undone; none if it waits for neither.
func RolesOf(step engine.Step) []string {
	if step.Phase == engine.Approving || step.Undo.Phase == engine.UndoApproving {
		return step.Roles
	}
	return nil
}
