package engine

import (
	"cmp"
	"maps"
	"time"

	"github.com/benbjohnson/immutable"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file carries out the events about attempts and outcomes.

func (t *tx) attemptStarted(st *Step) error {
	b := t.e.Body.(event.AttemptStarted)
	st.Title = cmp.Or(b.Title, st.Title)
	st.Attempt, st.Key, st.Deadline = b.Attempt, b.Key, b.Deadline
	st.Target, st.With = b.Target, b.With
	t.touch(b.Touches)
	t.phase(st, Attempting, event.Running)
	return nil
}

// touch notes what an attempt or an undo may change.
func (t *tx) touch(what []string) {
	for _, one := range what {
		if t.run.touched == nil {
			t.run.touched = immutable.NewMap[string, time.Time](nil)
		}
		t.run.touched = t.run.touched.Set(one, t.e.Time)
	}
}

func (t *tx) attemptRecorded(st *Step) error {
	b := t.e.Body.(event.AttemptRecorded)
	st.Record = merged(st.Record, b.Record)
	return nil
}

// merged adds values to a record without changing the old one.
func merged(old, add event.Values) event.Values {
	out := make(event.Values, len(old)+len(add))
	maps.Copy(out, old)
	maps.Copy(out, add)
	return out
}

func (t *tx) looked(st *Step) error {
	st.Summary = t.e.Body.(event.TargetLooked).Summary
	st.Looks++
	return nil
}

func (t *tx) attemptFailed(st *Step) error {
	b := t.e.Body.(event.AttemptFailed)
	st.Error, st.RetryAt = &b.Error, b.RetryAt
	st.Doubted = doubted(st.Doubted, st.Attempt, b.Error.Doubt)
	t.phase(st, Retrying, event.Running)
	return nil
}

func (t *tx) succeeded(st *Step) error {
	b := t.e.Body.(event.StepSucceeded)
	n := t.nodeOf(st)
	st.Outputs, st.Summary = b.Outputs, b.Summary
	if st.Outputs == nil {
		st.Outputs = event.Values{}
	}
	st.Changed, st.Observed, st.Verified = b.Changed, b.Observed, b.Verified
	st.Artifacts = append(st.Artifacts[:len(st.Artifacts):len(st.Artifacts)], b.Artifacts...)
	st.Error = nil
	if n.Kind == plan.Set {
		scope := t.scopePath(st)
		for _, a := range n.Set {
			t.vars = t.vars.Set(scope+"\x00"+a.Name, b.Outputs[a.Name])
		}
	}
	t.finish(st, event.Succeeded)
	if n.Kind == plan.Stop && t.closingAround(st) == nil {
		t.close(t.scopePath(st), closing{why: byStop, status: event.Status(n.StopStatus), message: b.Summary})
		return nil
	}
	t.advance(st, n.Next)
	return nil
}

func (t *tx) stepFailed(st *Step) error {
	b := t.noteFailure(st)
	t.fail(st, b.Error, b.Fallback)
	return nil
}

// blockFailed ends the blocks of a step; it has failed once they are quiet.
func (t *tx) blockFailed(st *Step) error {
	b := t.noteFailure(st)
	t.close(st.Path, closing{why: byTimeout, failure: &b.Error})
	return nil
}

func (t *tx) noteFailure(st *Step) event.StepFailed {
	b := t.e.Body.(event.StepFailed)
	st.Artifacts = append(st.Artifacts[:len(st.Artifacts):len(st.Artifacts)], b.Artifacts...)
	st.untried = st.Phase == Entering
	st.Doubted = doubted(st.Doubted, st.Attempt, b.Error.Doubt)
	return b
}

// doubted adds an attempt to a list without changing the old one.
func doubted(old []int, attempt int, add bool) []int {
	if !add {
		return old
	}
	return append(old[:len(old):len(old)], attempt)
}

func (t *tx) unknown(st *Step) error {
	b := t.e.Body.(event.StepUnknown)
	st.Error = &event.Failure{Message: b.Reason, Timeout: b.Timeout}
	st.Doubted = doubted(st.Doubted, st.Attempt, true)
	t.phase(st, Doubtful, event.InDoubt)
	t.run.outcomes++
	st.outcome = t.run.outcomes
	if c := t.closingAround(st); c != nil && c.closing.why.leavesDoubts() {
		t.retire(st.Path)
		t.settle(c.Path)
	}
	return nil
}

func (t *tx) canceled(st *Step) error {
	t.finish(st, event.Canceled)
	t.advance(st, plan.None)
	return nil
}

func (t *tx) skipped(st *Step) error {
	b := t.e.Body.(event.StepSkipped)
	if t.e.By != nil {
		st.By = t.e.By
	}
	st.Summary = b.Reason
	if !b.Late.IsZero() {
		st.Summary += "; " + b.Late.String()
	}
	t.finish(st, event.Skipped)
	t.advance(st, t.nodeOf(st).Next)
	return nil
}

func (t *tx) resolved(st *Step) error {
	b := t.e.Body.(event.StepResolved)
	doubt := st.Error
	st.By, st.Error = t.e.By, nil
	over := t.over(st)
	switch {
	case b.Happened:
		st.Changed, st.Outputs, st.Summary = true, event.Values{}, "a person confirmed that it happened: "+b.Reason
		t.finish(st, event.Succeeded)
		if !over {
			t.advance(st, t.nodeOf(st).Next)
		}
	case over:
		st.Summary = "a person confirmed that it did not happen: " + b.Reason
		t.finish(st, event.Canceled)
	case b.Failed:
		st.Denied, st.Error = b.Reason, doubt
		t.phase(st, Concluding, event.Running)
	default:
		st.Base = st.Attempt
		t.phase(st, Ready, event.Pending)
	}
	if c := t.closingAround(st); c != nil {
		t.settle(c.Path)
	}
	return nil
}

// corrected puts other answers in the place of some.
func (t *tx) corrected(st *Step) error {
	st.Outputs = merged(st.Outputs, t.e.Body.(event.AnswerCorrected).Outputs)
	return nil
}

func (t *tx) retried(st *Step) error {
	st.Base, st.Error, st.Denied, st.Fallback, st.Deadline = st.Attempt, nil, "", false, time.Time{}
	n := t.nodeOf(st)
	asked := st.Asked != nil && len(st.Approvals) < st.Need
	if asked || st.untried || n.Kind == plan.Approve || n.Approval != nil && len(st.Approvals) < n.Approval.Need || st.Refused != nil {
		t.phase(st, Entering, event.Pending)
	} else {
		t.phase(st, Ready, event.Pending)
	}
	st.Approvals, st.Refused = keepIf(st.Phase == Ready, st.Approvals), nil
	return nil
}

// lookAgain puts an unknown attempt back in doubt: nothing is done twice, but
// the driver looks at the target once more.
func (t *tx) lookAgain(st *Step) error {
	st.Error = nil
	t.phase(st, Attempting, event.Running)
	return nil
}

func keepIf(keep bool, a []Approval) []Approval {
	if keep {
		return a
	}
	return nil
}
