package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// UndoPhase says how far undoing a step has come. The zero value is "nobody
// asked for it".
type UndoPhase string

// The phases of undoing.
const (
	UndoQueued     UndoPhase = "queued"
	UndoApproving  UndoPhase = "approving"  // waits for people to agree
	UndoGranted    UndoPhase = "granted"    // an approve step that was answered again
	UndoReady      UndoPhase = "ready"      // it is next
	UndoAttempting UndoPhase = "attempting" // the intent is durable, the outcome is not known yet
	UndoDeciding   UndoPhase = "deciding"   // failed; a person decides
	UndoDone       UndoPhase = "done"
	UndoLeft       UndoPhase = "left" // stays as it is
)

// Undo is what is known about undoing a step.
type Undo struct {
	Phase     UndoPhase
	Attempt   int
	Doubted   []int // attempts whose end nobody saw
	Key       string
	Record    event.Values // what the runbook's own undo action recorded
	Since     time.Time
	Approvals []Approval
	Asked     *event.Event // what is asked besides whether it may be undone: that something is overridden
	Granted   []string     // what people let undoing touch although it is protected
	Error     *event.Failure
	Summary   string
	To        string    // the run that inherited what the step kept, "" if none has
	Refused   *Approval // the no with which a rollback ended, until the next begins
}

// rollback is the undoing of a run, while it lasts.
type rollback struct {
	request event.RollbackStarted
	by      *event.Actor // who asked, nil if the plan did
	prior   event.Status // of the run, "" if it had not ended
	gates   []string     // approve steps to be answered again before anything is undone
	queue   []string     // steps to undo, newest first
	next    int          // index into queue
	refused *Approval
}

func (t *tx) startRollback() error {
	b := t.e.Body.(event.RollbackStarted)
	for _, path := range []string{b.To, b.Only} {
		if path == "" {
			continue
		}
		st, ok := t.steps.get(path)
		switch {
		case !ok:
			return t.illegal("step %s has not had its turn, so there is nothing to undo", path)
		case t.nodeOf(st).Kind != plan.Action:
			return t.illegal("step %s changed nothing itself; name one of the steps in it", path)
		case !t.undoable(st) && t.changed(st):
			return t.illegal("step %s cannot be undone: %s", path, t.nodeOf(st).Irreversible)
		case !t.undoable(st):
			return t.illegal("step %s has nothing to undo", path)
		}
	}
	switch {
	case t.run.rollback != nil || t.run.status == "" && t.committed():
		return t.illegal("the run is %s already", t.ended())
	case t.run.status == "":
		t.close("", closing{why: byRollback, rollback: b, by: t.e.By})
		return nil
	case len(t.undoQueue(b)) == 0:
		return t.illegal("there is nothing to undo")
	}
	t.beginUndo(b, t.e.By, t.run.status)
	return nil
}

func (t *tx) ended() string {
	if t.run.rollback != nil {
		return "being rolled back"
	}
	return "ending"
}

// undoable reports whether a step can be undone and there is something to undo.
func (s State) undoable(st *Step) bool {
	n := s.node(st)
	return (n.Undo != nil || n.Irreversible == "") && s.changed(st)
}

// changed reports whether a step changed, or may have changed, its target and
// nobody has undone it.
func (s State) changed(st *Step) bool {
	if s.node(st).Kind != plan.Action || st.Undo.Phase == UndoDone || st.Undo.To != "" || st.Status == event.Undone {
		return false
	}
	return len(st.Inherited) > 0 || s.Own(st)
}

// Own reports whether a step has itself changed its target, or may have.
func (s State) Own(st *Step) bool {
	switch {
	case st.Status == event.Succeeded && !st.Fallback:
		return st.Changed
	case st.Attempt > 0: // the runbook's own undo needs no record
		return len(st.Record) > 0 || s.node(st).Undo != nil
	}
	return false
}

// undoQueue lists the steps to undo, newest first.
func (s State) undoQueue(b event.RollbackStarted) []string {
	var found []*Step
	for _, st := range s.Steps() {
		if s.undoable(st) && (b.Only == "" || b.Only == st.Path) {
			found = append(found, st)
		}
	}
	slices.SortStableFunc(found, func(a, b *Step) int { return cmp.Compare(b.outcome, a.outcome) })
	queue := make([]string, 0, len(found))
	for _, st := range found {
		queue = append(queue, st.Path)
		if b.To == st.Path {
			break
		}
	}
	return queue
}

// beginUndo starts undoing once nothing runs any more.
func (t *tx) beginUndo(b event.RollbackStarted, by *event.Actor, prior event.Status) {
	r := &rollback{request: b, by: by, prior: prior, queue: t.undoQueue(b)}
	t.run.status, t.run.endedAt = "", time.Time{}
	root := t.get("")
	root.closing = nil
	t.phase(root, Concluding, event.Undoing)
	t.forgetQuestions()
	newest := 0
	for _, path := range r.queue {
		st := t.get(path)
		newest = max(newest, st.outcome)
		st.Undo = Undo{Phase: UndoQueued, Since: t.e.Time}
	}
	for _, st := range t.Steps() {
		if t.nodeOf(st).Kind == plan.Approve && st.Status == event.Succeeded && st.outcome < newest {
			t.private(st).Undo = Undo{Phase: UndoApproving, Since: t.e.Time}
			r.gates = append(r.gates, st.Path)
		}
	}
	t.run.rollback = r
	t.nextUndo()
}

// forgetQuestions takes back what an earlier rollback, ended by a refusal, had
// not come to: an answer to that must not count in this one.
func (t *tx) forgetQuestions() {
	for _, st := range t.Steps() {
		if st.Undo.Refused != nil {
			t.private(st).Undo.Refused = nil
		}
		switch st.Undo.Phase {
		case UndoQueued, UndoApproving, UndoGranted:
			t.private(st).Undo = Undo{}
		}
	}
}

// edit returns a copy of the rollback to be changed in place.
func (t *tx) edit() *rollback {
	r := *t.run.rollback
	t.run.rollback = &r
	return &r
}

// nextUndo makes the step at the head of the queue ready, once every gate has
// been answered.
func (t *tx) nextUndo() {
	r := t.run.rollback
	if r.refused != nil || r.next >= len(r.queue) {
		return
	}
	for _, path := range r.gates {
		if t.must(path).Undo.Phase != UndoGranted {
			return
		}
	}
	if t.must(r.queue[r.next]).Undo.Phase != UndoQueued {
		return
	}
	st := t.get(r.queue[r.next])
	st.Undo.Phase, st.Undo.Since = UndoReady, t.e.Time
	if n := t.nodeOf(st); n.Approval != nil {
		st.Undo.Phase = UndoApproving
		st.Roles, st.Need = n.Approval.Roles, max(n.Approval.Need, 1)
	}
}

func (t *tx) undoApproved(st *Step) error {
	b := t.e.Body.(event.ApprovalGiven)
	a, err := t.given(st, st.Undo.Approvals, b, time.Time{})
	if err != nil {
		return err
	}
	st.Undo.Approvals = append(slices.Clone(st.Undo.Approvals), a)
	if len(st.Undo.Approvals) >= st.Need || b.BreakGlass != "" {
		st.Undo.Granted = t.grant(st.Undo.Granted, st.Undo.Asked)
		st.Undo.Phase, st.Undo.Since = UndoReady, t.e.Time
		if t.nodeOf(st).Kind == plan.Approve {
			st.Undo.Phase = UndoGranted
		}
	}
	t.nextUndo()
	return nil
}

// undoRefused ends the rollback: what is undone stays undone, the rest stays.
func (t *tx) undoRefused(st *Step) error {
	b := t.e.Body.(event.ApprovalRefused)
	a, err := t.answer(st, nil, b.Role, b.Comment, b.Signed, time.Time{})
	if err != nil {
		return err
	}
	st.Undo.Phase, st.Undo.Refused = UndoLeft, &a
	t.edit().refused = &a
	return nil
}

// undoAsked asks whether undoing may touch what is protected: the yes to the step
// was one to something else.
func (t *tx) undoAsked(st *Step) error {
	b := t.e.Body.(event.ApprovalAsked)
	if !b.Undo || len(b.Overrides) == 0 {
		return t.illegal("nothing asks for it")
	}
	asked := t.e
	st.Roles, st.Need, st.Escalate = b.Roles, max(b.Need, 1), Escalation{}
	st.Undo.Phase, st.Undo.Since, st.Undo.Approvals, st.Undo.Asked = UndoApproving, t.e.Time, nil, &asked
	return nil
}

func (t *tx) undoStarted(st *Step) error {
	b := t.e.Body.(event.UndoStarted)
	st.Undo.Attempt, st.Undo.Key = b.Attempt, b.Key
	t.touch(b.Touches)
	st.Undo.Phase, st.Undo.Since, st.Undo.Error = UndoAttempting, t.e.Time, nil
	return nil
}

func (t *tx) undoRecorded(st *Step) error {
	b := t.e.Body.(event.AttemptRecorded)
	st.Undo.Record = merged(st.Undo.Record, b.Record)
	return nil
}

func (t *tx) undone(st *Step) error {
	b := t.e.Body.(event.StepUndone)
	st.Undo.Phase, st.Undo.Summary, st.Undo.Since = UndoDone, b.Summary, t.e.Time
	st.Status = event.Undone
	if st.Phase == Doubtful { // whatever had happened, it is undone
		st.Phase, st.Error, st.Ended = Ended, nil, t.e.Time
	}
	t.edit().next++
	t.nextUndo()
	return nil
}

func (t *tx) undoFailed(st *Step) error {
	b := t.e.Body.(event.UndoFailed)
	st.Undo.Phase, st.Undo.Error, st.Undo.Since = UndoDeciding, &b.Error, t.e.Time
	st.Undo.Doubted = doubted(st.Undo.Doubted, st.Undo.Attempt, b.Error.Doubt)
	return nil
}

func (t *tx) undoSkipped(st *Step) error {
	b := t.e.Body.(event.UndoSkipped)
	st.Undo.Phase, st.Undo.Summary, st.Undo.Since, st.Undo.To = UndoLeft, b.Reason, t.e.Time, b.To
	t.edit().next++
	t.nextUndo()
	return nil
}

// inherit takes over what other runs kept, once each.
func (t *tx) inherit() error {
	st, ok := t.steps.get(t.e.Path)
	switch {
	case !ok || t.nodeOf(st).Kind != plan.Action:
		return t.illegal("there is no such step that relies on anything")
	case st.Undo.Phase == UndoDone || st.Undo.Phase == UndoLeft || t.run.status == event.Undone:
		return t.illegal("the step relies on nothing any more")
	}
	st = t.private(st)
	st.Inherited = slices.Clone(st.Inherited)
	for _, k := range t.e.Body.(event.UndoInherited).From {
		if !slices.ContainsFunc(st.Inherited, func(has event.Kept) bool { return has.Run == k.Run && has.Path == k.Path }) {
			st.Inherited = append(st.Inherited, k)
		}
	}
	slices.SortStableFunc(st.Inherited, func(a, b event.Kept) int { return b.Since.Compare(a.Since) })
	if t.Leaving() && st.Undo.Phase == "" {
		st.Undo = Undo{Phase: UndoQueued, Since: t.e.Time}
		r := t.edit()
		r.queue = append(slices.Clone(r.queue), st.Path)
	}
	if t.run.rollback != nil {
		t.nextUndo()
	}
	return nil
}

// Leaving reports whether all of the run is undone or being undone, so that it
// relies on nothing that it does not put back itself.
func (s State) Leaving() bool {
	switch r := s.run.rollback; {
	case r != nil:
		return r.request.To == "" && r.request.Only == ""
	case s.root.closing != nil && s.root.closing.why == byRollback:
		return s.root.closing.rollback.To == "" && s.root.closing.rollback.Only == ""
	}
	return s.run.status == event.Undone
}

func (t *tx) undoRetried(st *Step) error {
	st.Undo.Phase, st.Undo.Error, st.Undo.Since = UndoReady, nil, t.e.Time
	return nil
}

// undoStatus is the run's status during a rollback.
func (s State) undoStatus() event.Status {
	r := s.run.rollback
	if _, over := s.rollbackEnding(); over {
		return event.Undoing
	}
	for _, path := range r.gates {
		if s.must(path).Undo.Phase == UndoApproving {
			return event.Waiting
		}
	}
	switch s.must(r.queue[r.next]).Undo.Phase {
	case UndoApproving, UndoDeciding:
		return event.Waiting
	}
	return event.Undoing
}

func (s State) rollbackEnding() (event.Status, bool) {
	r := s.run.rollback
	switch {
	case r.refused == nil && r.next < len(r.queue):
		return "", false
	case r.refused == nil && r.request.To == "" && r.request.Only == "":
		return event.Undone, true
	case r.prior != "":
		return r.prior, true
	}
	return event.Canceled, true
}

// RollbackAsked is why the rollback under way was asked for, and by whom; nil if
// the plan asked, or none is under way.
func (s State) RollbackAsked() (reason string, by *event.Actor) {
	if s.run.rollback == nil {
		return "", nil
	}
	return s.run.rollback.request.Reason, s.run.rollback.by
}

// RollbackQueue lists the steps that the rollback under way is to undo, newest
// first, and the approve steps to be answered before.
func (s State) RollbackQueue() (steps, gates []string) {
	if s.run.rollback == nil {
		return nil, nil
	}
	return slices.Clone(s.run.rollback.queue), slices.Clone(s.run.rollback.gates)
}

// UndoNext lists what the rollback under way may wait for: the approve steps to
// be answered before, and the step that it has come to.
func (s State) UndoNext() []string {
	r := s.run.rollback
	if r == nil {
		return nil
	}
	return append(slices.Clone(r.gates), r.queue[r.next:min(r.next+1, len(r.queue))]...)
}

// Irreversible lists the steps that changed something and cannot be undone,
// newest first; their nodes say why.
func (s State) Irreversible() []string {
	var out []string
	for _, st := range s.Steps() {
		if s.changed(st) && !s.undoable(st) {
			out = append(out, st.Path)
		}
	}
	slices.Reverse(out)
	return out
}

// Undoable lists the steps that a rollback now would undo, newest first.
func (s State) Undoable(to, only string) []string {
	return s.undoQueue(event.RollbackStarted{To: to, Only: only})
}
