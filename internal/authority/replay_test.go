package authority_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

// closing is a run whose one step closes a portal once a commander agrees, may be
// tried again, and may be undone once a commander agrees to that.
func closing(t *testing.T) *room {
	r := asked(t)
	step := plantest.Do("close").With(func(s *plantest.Step) {
		s.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 1}
	})
	r.state = engine.New(plantest.Build(step))
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RunStarted{Run: r.run, PlanDigest: "plan"}})
	r.ask()
	return r
}

func (r *room) ask() {
	r.apply(event.Event{Path: "close", Body: event.ApprovalAsked{Text: "Close it?", Roles: []string{"commander"}, Need: 1, Action: "test.close", Target: "portal"}})
}

// yes is a genuine yes of somebody to what the step asks now.
func (r *room) yes(person string, undo bool) event.Event {
	e := r.by(person, person)
	e.Path, e.Body = "close", event.ApprovalGiven{Role: "commander", Undo: undo}
	return r.signed(e, person)
}

// replay hands a genuine answer in again, now.
func (r *room) replay(e event.Event) event.Event {
	e.Time = r.now
	return e
}

// tried is an attempt that ends in a failure, or in success.
func (r *room) tried(n int, fails bool) {
	r.apply(event.Event{Path: "close", Body: event.AttemptStarted{Attempt: n, Action: "test.close", Key: "k"}})
	if fails {
		r.apply(event.Event{Path: "close", Body: event.StepFailed{Attempt: n, Error: event.Failure{Message: "no answer"}}})
		return
	}
	r.apply(event.Event{Path: "close", Body: event.StepSucceeded{Attempt: n, Changed: true}})
}

// What dana signed for one attempt is replayed byte by byte for the next, which
// asks anew: neither before it was given to the first, nor after.
func TestAGenuineYesToOneAttemptDoesNotCountForTheNext(t *testing.T) {
	r := closing(t)
	used, kept := r.yes("dana", false), r.yes("sam", false)
	r.counts(used)
	r.tried(1, true)
	r.apply(event.Event{Path: "close", By: &event.Actor{User: "kim"}, Body: event.StepRetried{}})
	r.ask()
	step, _ := r.state.Step("close")
	require.Equal(t, engine.Approving, step.Phase)
	require.Equal(t, 1, step.Attempt)
	for _, old := range []event.Event{used, kept} {
		r.refused(authority.OtherStatement, r.replay(old), "what was signed is about another attempt")
	}
	r.counts(r.yes("sam", false))
	r.tried(2, false)
}

// undone is a run that asks whether its step may be undone.
func undone(t *testing.T) (*room, event.Event) {
	r := closing(t)
	done := r.yes("dana", false)
	r.counts(done)
	r.tried(1, false)
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RollbackStarted{}})
	step, _ := r.state.Step("close")
	require.Equal(t, engine.UndoApproving, step.Undo.Phase)
	return r, done
}

// A yes to doing is none to undoing, a yes to undoing none to doing, and a yes to
// one undoing none to the next.
func TestAGenuineYesToDoingOrUndoingDoesNotCountForAnother(t *testing.T) {
	r, done := undone(t)
	r.refused(authority.OtherStatement, r.replay(done), "about another")
	turned := done.Body.(event.ApprovalGiven)
	turned.Undo = true
	done.Body = turned
	r.refused(authority.OtherStatement, r.replay(done), "about another")

	used, kept := r.yes("dana", true), r.yes("sam", true)
	no := r.by("sam", "sam")
	no.Path, no.Body = "close", event.ApprovalRefused{Role: "commander", Undo: true}
	r.counts(r.signed(no, "sam"))
	r.apply(event.Event{Body: event.RunEnded{Status: event.Canceled}})
	r.apply(event.Event{By: &event.Actor{User: "kim"}, Body: event.RollbackStarted{}})
	step, _ := r.state.Step("close")
	require.Equal(t, engine.UndoApproving, step.Undo.Phase, "it is asked anew")
	for _, old := range []event.Event{used, kept} {
		r.refused(authority.OtherStatement, r.replay(old), "an answer to another question")
	}
	r.counts(r.yes("dana", true))

	// The same that was signed for undoing, in a run in which the step asks whether
	// it may be done.
	fresh := closing(t)
	forward := used.Body.(event.ApprovalGiven)
	fresh.refused(authority.OtherStatement, fresh.replay(used), "about another")
	forward.Undo = false
	used.Body = forward
	fresh.refused(authority.OtherStatement, fresh.replay(used), "about another")
}
