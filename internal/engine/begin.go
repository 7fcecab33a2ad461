package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/benbjohnson/immutable"

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
	asked := t.e
	st.Asked = &asked
	st.Escalate = Escalation{Remind: time.Duration(b.RemindSeconds) * time.Second, To: b.EscalateTo}
	if len(b.EscalateTo) > 0 {
		st.Escalate.After = b.EscalateAt.Sub(t.e.Time)
	}
	t.phase(st, Approving, event.Waiting)
	return nil
}

func (t *tx) approvalGiven(st *Step) error {
	b := t.e.Body.(event.ApprovalGiven)
	a, err := t.given(st, st.Approvals, b, st.Deadline)
	if err != nil {
		return err
	}
	st.Approvals = append(slices.Clone(st.Approvals), a)
	if len(st.Approvals) >= st.Need || b.BreakGlass != "" {
		st.Granted = t.grant(st.Granted, st.Asked)
		if t.nodeOf(st).Kind == plan.Approve {
			t.phase(st, Concluding, event.Running)
		} else {
			st.Deadline = time.Time{}
			t.phase(st, Ready, event.Pending)
		}
	}
	return nil
}

// grant takes down what a yes to a question lets the step touch. What no single
// thing is named for, a limit, it lets the run.
func (t *tx) grant(before []string, asked *event.Event) []string {
	if asked == nil {
		return before
	}
	for _, what := range asked.Body.(event.ApprovalAsked).Overrides {
		if strings.Contains(what, ": ") {
			before = append(slices.Clone(before), what)
		} else {
			t.run.granted = append(slices.Clone(t.run.granted), what)
		}
	}
	return before
}

// given checks a yes. One that breaks the glass stands for all that were to be
// given, by whomever, in time: later the runbook says what no answer means, whether
// or not a driver has said so yet.
func (t *tx) given(st *Step, before []Approval, b event.ApprovalGiven, deadline time.Time) (Approval, error) {
	if b.BreakGlass == "" {
		return t.answer(st, before, b.Role, b.Comment, b.Signed, deadline)
	}
	if t.e.By == nil {
		return Approval{}, t.illegal("nobody gave it")
	}
	if err := t.late(deadline); err != nil {
		return Approval{}, err
	}
	if err := t.sign(b.Signed); err != nil {
		return Approval{}, err
	}
	t.run.glass = append(slices.Clone(t.run.glass), t.e)
	return Approval{*t.e.By, b.Role, b.BreakGlass, t.e.Time, b.Signed.Key, true}, nil
}

// late is why an answer comes too late.
func (t *tx) late(deadline time.Time) error {
	if !deadline.IsZero() && t.e.Time.After(deadline) {
		return t.illegal("the time to answer was up at %s", deadline.UTC().Format(time.RFC3339))
	}
	return nil
}

// answer checks one person's yes or no: in time, by a person, in a role that was
// asked, who has not spoken yet, with a key that has not either. Where no role
// was asked, anybody may answer. Whether a signature is good is not the
// engine's question.
func (t *tx) answer(st *Step, before []Approval, role, comment string, signed event.Signed, deadline time.Time) (Approval, error) {
	if t.e.By == nil {
		return Approval{}, t.illegal("nobody gave it")
	}
	if err := t.late(deadline); err != nil {
		return Approval{}, err
	}
	if !slices.Contains(st.MayAnswer(t.e.Time), role) && (role != "" || len(st.Roles) > 0) {
		return Approval{}, t.illegal("role %q was not asked", role)
	}
	who := Name(*t.e.By)
	for _, a := range before {
		if Name(a.By) == who {
			return Approval{}, t.illegal("%s has agreed already", who)
		}
		if a.Key != "" && a.Key == signed.Key {
			return Approval{}, t.illegal("%s has agreed already with the same key", Name(a.By))
		}
	}
	if t.NotRequester(*st) && t.run.by != nil && same(*t.e.By, *t.run.by, signed.Key != "") {
		return Approval{}, t.illegal("%s started the run, so someone else must agree", who)
	}
	return Approval{*t.e.By, role, comment, t.e.Time, signed.Key, false}, t.sign(signed)
}

// sign takes down what was signed: a statement counts once.
func (t *tx) sign(signed event.Signed) error {
	if signed.Statement == "" {
		return nil
	}
	if t.run.statements == nil {
		t.run.statements = immutable.NewMap[string, struct{}](nil)
	}
	if _, twice := t.run.statements.Get(signed.Statement); twice {
		return t.illegal("this signed statement has counted already")
	}
	t.run.statements = t.run.statements.Set(signed.Statement, struct{}{})
	return nil
}

// delegate takes down that a role was handed over.
func (t *tx) delegate() error {
	b := t.e.Body.(event.AuthorityDelegated)
	switch {
	case t.e.By == nil:
		return t.illegal("nobody did it")
	case !b.Until.After(t.e.Time):
		return t.illegal("it would end before it begins")
	case t.run.status != "":
		return t.illegal("the run is %s", t.standing())
	}
	t.run.delegated = append(slices.Clone(t.run.delegated), t.e)
	return t.sign(b.Signed)
}

// state keeps what people say that moves a clock. Clocks run on when the run has
// ended.
func (t *tx) state() error {
	knows, reason, at := false, "", t.e.Time
	for _, c := range t.run.started.Clocks {
		switch b := t.e.Body.(type) {
		case event.FactStated:
			reason, at = b.Reason, b.At
			knows = knows || b.Fact == c.Until || slices.ContainsFunc(c.Limits, func(l event.ClockLimit) bool { return l.From == b.Fact })
		case event.ClockHeld:
			reason = b.Reason
			knows = knows || b.Clock == c.Name
		}
	}
	switch {
	case t.e.By == nil:
		return t.illegal("nobody said it")
	case !knows:
		return t.illegal("no clock of the run knows it")
	case at.IsZero():
		return t.illegal("nobody said when it was")
	case reason == "":
		return t.illegal("nobody said how it is known")
	}
	t.run.stated = append(slices.Clone(t.run.stated), t.e)
	return nil
}

// same reports whether two actors may be one human being: one person, or one
// account of which nobody has said who uses it each time. Whoever signed may
// have been anywhere: the account is then that of the one who handed it in.
func same(a, b event.Actor, signed bool) bool {
	if a.Person != "" && b.Person != "" {
		return a.Person == b.Person
	}
	return a.User == b.User && !signed
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
	a, err := t.answer(st, nil, b.Role, b.Comment, b.Signed, st.Deadline)
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
