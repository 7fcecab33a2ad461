package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file carries out the events with which steps begin: delays, approvals,
// and what was found out for a block.

func (t *tx) delayed(st *Step) error {
	b := t.e.Body.(event.StepDelayed)
	st.NotBefore = b.Until
	t.phase(st, Delayed, event.Waiting)
	return nil
}

func (t *tx) approvalAsked(st *Step) error {
	b := t.e.Body.(event.ApprovalAsked)
	st.Roles, st.Need, st.Text, st.Deadline = b.Roles, max(b.Need, 1), b.Text, b.Deadline
	st.Title, st.Approvals, st.Refused = cmp.Or(b.Title, st.Title), nil, nil
	st.Target, st.With = b.Target, b.With
	t.phase(st, Approving, event.Waiting)
	return nil
}

func (t *tx) approvalGiven(st *Step) error {
	b := t.e.Body.(event.ApprovalGiven)
	a, err := t.answer(st, st.Approvals, b.Role, b.Comment)
	if err != nil {
		return err
	}
	st.Approvals = append(slices.Clone(st.Approvals), a)
	if len(st.Approvals) >= st.Need {
		if t.nodeOf(st).Kind == plan.Approve {
			t.phase(st, Concluding, event.Running)
		} else {
			st.Deadline = time.Time{}
			t.phase(st, Ready, event.Pending)
		}
	}
	return nil
}

// answer checks one person's yes or no: by a person, in a role that was asked,
// who has not spoken yet. Where no role was asked, anybody may answer.
func (t *tx) answer(st *Step, before []Approval, role, comment string) (Approval, error) {
	if t.e.By == nil {
		return Approval{}, t.illegal("nobody gave it")
	}
	if !slices.Contains(st.Roles, role) && (role != "" || len(st.Roles) > 0) {
		return Approval{}, t.illegal("role %q was not asked", role)
	}
	who := Name(*t.e.By)
	for _, a := range before {
		if Name(a.By) == who {
			return Approval{}, t.illegal("%s has agreed already", who)
		}
	}
	if n := t.nodeOf(st); n.Approval != nil && n.Approval.NotRequester && t.run.by != nil && same(*t.e.By, *t.run.by) {
		return Approval{}, t.illegal("%s started the run, so someone else must agree", who)
	}
	return Approval{*t.e.By, role, comment, t.e.Time}, nil
}

// same reports whether two actors may be one human being: one person, or one
// account of which nobody has said who uses it each time.
func same(a, b event.Actor) bool {
	if a.Person != "" && b.Person != "" {
		return a.Person == b.Person
	}
	return a.User == b.User
}

// Name is how an actor is told from another: the person, or else the account.
func Name(a event.Actor) string {
	if a.Person != "" {
		return a.Person
	}
	return a.User
}

func (t *tx) approvalRefused(st *Step) error {
	b := t.e.Body.(event.ApprovalRefused)
	a, err := t.answer(st, nil, b.Role, b.Comment)
	if err != nil {
		return err
	}
	st.Refused = &a
	t.phase(st, Concluding, event.Running)
	return nil
}

func (t *tx) started(st *Step) error {
	b := t.e.Body.(event.StepStarted)
	n := t.nodeOf(st)
	st.Title = cmp.Or(b.Title, st.Title)
	st.Deadline, st.NotBefore, st.Text = b.Deadline, b.NotBefore, b.Text
	st.Branch, st.Items, st.Keys, st.Inputs = b.Branch, b.Items, b.Keys, b.Inputs
	st.nextLane, st.openLanes, st.lanes, st.Iteration, st.Failures = 0, 0, 0, 0, 0
	st.Looks = 0
	st.broken, st.cleaned, st.batch, st.batchFailures = nil, false, 0, 0
	t.phase(st, Inside, event.Running)
	switch n.Kind {
	case plan.Manual:
		t.phase(st, Asking, event.Waiting)
	case plan.Wait:
		t.phase(st, Timing, event.Waiting)
	case plan.While:
		t.phase(st, Concluding, event.Running)
	case plan.Parallel:
		st.lanes = len(n.Blocks)
		if always, ok := n.Always(); ok {
			st.lanes = always
		}
	case plan.Group, plan.Call:
		st.lanes = 1
	case plan.ForEach:
		if len(b.Items) != len(b.Keys) {
			return t.illegal("it has %d items and %d keys", len(b.Items), len(b.Keys))
		}
		st.lanes = len(b.Items)
	case plan.If, plan.Switch:
		if b.Branch != NoBranch {
			i := slices.IndexFunc(n.Blocks, func(bl plan.Block) bool { return bl.Label == b.Branch })
			if i < 0 {
				return t.illegal("there is no branch %q", b.Branch)
			}
			st.nextLane, st.lanes = i, i+1
		}
	default:
		return t.illegal("a step with %s has no inside", n.Kind)
	}
	if st.Phase == Inside {
		t.startLanes(st.Path)
	}
	return nil
}

// NoBranch is the branch of a choice that took none of its blocks.
const NoBranch = "-"

func (t *tx) iterationStarted(st *Step) error {
	b := t.e.Body.(event.IterationStarted)
	if t.nodeOf(st).Kind != plan.While || b.Iteration != st.Iteration+1 {
		return t.illegal("iteration %d cannot follow iteration %d", b.Iteration, st.Iteration)
	}
	st.Iteration, st.nextLane, st.openLanes, st.lanes = b.Iteration, 0, 0, 1
	t.phase(st, Inside, event.Running)
	t.startLanes(st.Path)
	return nil
}
