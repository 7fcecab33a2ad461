package authority

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/sshsig"
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
	Key     sshsig.Key // with which the answer is signed, "" if it is not
}

// SpeakerOf returns who asks for an event, as the event says it. An event by
// nobody has no account.
func SpeakerOf(e event.Event, from Origin) Speaker {
	by := Speaker{From: from}
	if e.By != nil {
		by.Account, by.Person = e.By.User, e.By.Person
	}
	by.Role = decisionOf(e.Body).role
	return by
}

// breaking is the decision to approve alone what others were to approve.
const breaking = "break the glass"

// decision is what a person decides with the authority of a role: what it does
// and why, the signature of it, and the same under another one. The zero value is
// of bodies that are no decision.
type decision struct {
	does, role, reason, comment string
	signed                      event.Signed
	under                       func(event.Signed) event.Body
}

func decisionOf(body event.Body) decision {
	switch b := body.(type) {
	case event.ApprovalGiven:
		does := "approve"
		if b.BreakGlass != "" {
			does = breaking
		}
		return decision{does, b.Role, b.BreakGlass, b.Comment, b.Signed, func(by event.Signed) event.Body { b.Signed = by; return b }}
	case event.ApprovalRefused:
		return decision{"reject", b.Role, "", b.Comment, b.Signed, func(by event.Signed) event.Body { b.Signed = by; return b }}
	case event.AuthorityDelegated:
		return decision{"hand over", b.Role, b.Reason, "", b.Signed, func(by event.Signed) event.Body { b.Signed = by; return b }}
	}
	return decision{}
}

// Under is an event that bears a signature.
func Under(e event.Event, signed event.Signed) event.Event {
	if d := decisionOf(e.Body); d.under != nil {
		e.Body = d.under(signed)
	}
	return e
}

// People are whom the environment of a run names. Without any, nobody in
// particular can be asked, so whoever may write to the run's folder may answer.
type People []environment.Person

// Rules say who may ask what.
type Rules struct {
	People
	// BreakGlass are the roles that may approve alone in an emergency, as the
	// machine's policy permits; none is nobody.
	BreakGlass []string
}

// May returns nil if the speaker may ask for the event as the run stands, and
// otherwise why not, as a *[Refusal]. Where a signature is asked for, the event
// must bear a good one of exactly this, which counts at the event's time.
func (r Rules) May(s engine.State, e event.Event, by Speaker) error {
	if by.Account == "" || by.From == "" || !askable(e.Body) {
		return &Refusal{Reason: NotForPeople, Event: e.Type()}
	}
	d := decisionOf(e.Body)
	if d.does == "" {
		_, err := r.Choose(by, nil)
		return err
	}
	roles, asked := r.Asked(s, e)
	switch {
	case !asked:
		return nil // the engine says that nothing is asked
	case d.does == breaking && len(r.BreakGlass) == 0:
		return &Refusal{Reason: NoBreakGlass}
	case r.Signs(s, roles, e.Time):
		if err := r.verify(s, e, d.signed); err != nil {
			return err
		}
		by.Key = sshsig.Key(d.signed.Key)
	case d.signed != (event.Signed{}):
		return &Refusal{Reason: NobodySigns, Account: by.Account, Person: by.Person}
	}
	if len(r.People) > 0 && by.Person == "" && len(roles) > 0 {
		return r.At(s, e.Time).refuse(by, roles)
	}
	if _, err := r.As(s, e.Time, by, roles); err != nil {
		return err
	}
	return r.fits(s, e, by)
}

// As finds as whom somebody answers a question to some roles at a time, as
// [People.Choose] does, among those who hold them then.
func (r Rules) As(s engine.State, at time.Time, by Speaker, roles []string) (Speaker, error) {
	out, err := r.At(s, at).Choose(by, roles)
	return out, r.away(err, at)
}

// fits holds a decision against what the engine cannot know: who started the
// run, and to whom a role may go.
func (r Rules) fits(s engine.State, e event.Event, by Speaker) error {
	switch b := e.Body.(type) {
	case event.ApprovalGiven:
		step, _ := s.Step(e.Path)
		if err := r.voice(s, step, e, b); err != nil || by.Key == "" || b.BreakGlass != "" {
			return err // the engine knows the account
		}
		if _, starter, _ := s.Started(); s.NotRequester(step) && r.requester(starter, by.Person) {
			return &Refusal{Reason: IsRequester, Account: starter.User, Person: by.Person}
		}
	case event.AuthorityDelegated:
		to, known := r.person(b.To)
		switch {
		case !known || b.To == by.Person:
			return &Refusal{Reason: Unknown, Person: b.To, Roles: []string{b.Role}}
		case slices.Contains(to.Roles, b.Role):
			return &Refusal{Reason: HasRole, Person: b.To, Role: b.Role}
		case b.Until.Sub(e.Time) > LongestHandOver:
			return &Refusal{Reason: TooLong, Person: b.To, Role: b.Role}
		case by.Key != "" && len(to.Keys) == 0:
			return &Refusal{Reason: NoKey, Person: b.To, Role: b.Role}
		}
	}
	return nil
}

// LongestHandOver is for how long a role may be handed over at once: longer
// than a shift and a night, and shorter than a holiday, which the environment
// knows.
const LongestHandOver = 72 * time.Hour

// requester reports whether a person may be who started the run: the account is
// the person's own, or nobody's own and no other is known of the person.
func (r Rules) requester(starter *event.Actor, person string) bool {
	if starter == nil {
		return false
	}
	if starter.Person != "" {
		return starter.Person == person
	}
	own := slices.ContainsFunc(r.People, func(p environment.Person) bool { return p.User == starter.User })
	is, _ := r.person(person)
	return is.User == starter.User || !own && (is.User == everybody || is.User == "")
}

func (p People) person(name string) (environment.Person, bool) {
	return (&environment.Environment{People: p}).Person(name)
}

// askable reports whether people may ask for an event: the others are facts
// that only the driver can know.
func askable(b event.Body) bool {
	switch b.(type) {
	case event.ApprovalGiven, event.ApprovalRefused, event.StepSucceeded, event.StepSkipped, event.StepRetried, event.AnswerCorrected,
		event.StepResolved, event.RunPaused, event.RunContinued, event.CancelRequested, event.RollbackStarted,
		event.UndoSkipped, event.UndoInherited, event.TargetShared, event.OverrideRequested, event.NoteAdded, event.FactStated, event.ClockHeld, event.EvidenceAdded, event.EvidenceHandedOver,
		event.HoldPlaced, event.HoldLifted, event.AuthorityDelegated:
		return true
	}
	return false
}

// Asked returns the roles in which an event may be decided; none is anybody's.
// asked is false if nothing is asked that it decides.
func (r Rules) Asked(s engine.State, e event.Event) (roles []string, asked bool) {
	switch b := e.Body.(type) {
	case event.AuthorityDelegated:
		return []string{b.Role}, true
	case event.ApprovalGiven:
		if b.BreakGlass != "" {
			return r.BreakGlass, true
		}
	}
	step, _ := s.Step(e.Path)
	return RolesOf(step, e.Time), waits(step)
}

// waits reports whether a step waits for a yes or no.
func waits(step engine.Step) bool {
	return step.Phase == engine.Approving || step.Undo.Phase == engine.UndoApproving
}

// RolesOf returns the roles whose yes or no a step waits for at a time, before it
// runs or before it is undone; none if it waits for neither.
func RolesOf(step engine.Step, now time.Time) []string {
	if !waits(step) {
		return nil
	}
	return step.MayAnswer(now)
}
