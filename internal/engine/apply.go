package engine

import (
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// Apply returns the state after e. It is the only code that changes a state.
// An event that cannot happen in s is an error, of type *IllegalError, and s
// stays as it is.
//
// What may happen when stands in the tables in transitions.go.
func Apply(s State, e event.Event) (State, error) {
	t := &tx{State: s, e: e}
	if err := t.apply(); err != nil {
		return s, err
	}
	return t.State, nil
}

// IllegalError says why an event cannot happen in a state.
type IllegalError struct {
	Event event.Type
	Path  string
	Why   string
}

// Error implements error.
func (e *IllegalError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%s: %s", e.Event, e.Why)
	}
	return fmt.Sprintf("%s of step %s: %s", e.Event, e.Path, e.Why)
}

// tx is one application of one event to a private copy of a state.
type tx struct {
	State
	e     event.Event
	owner bool // of every record too: they may be changed in place
}

func (t *tx) illegal(format string, args ...any) error {
	return &IllegalError{t.e.Type(), t.e.Path, fmt.Sprintf(format, args...)}
}

func (t *tx) apply() error {
	if err := t.applyBody(); err != nil {
		return err
	}
	t.run.last = t.e.Time
	return nil
}

func (t *tx) applyBody() error {
	if t.e.Body == nil {
		return t.illegal("there is no such event")
	}
	if _, unknown := t.e.Body.(event.Unknown); unknown {
		return nil
	}
	if _, starts := t.e.Body.(event.RunStarted); starts != t.run.startedAt.IsZero() {
		if starts {
			return t.illegal("the run has started already")
		}
		return t.illegal("the run has not started")
	}
	if do, ok := runTransitions[t.e.Type()]; ok {
		return do(t)
	}
	st, ok := t.steps.get(t.e.Path)
	if !ok {
		return t.illegal("the step has not had its turn")
	}
	return t.applyStep(st)
}

// nothing is what an event does that is there to be read.
func (t *tx) nothing() error { return nil }

func (t *tx) signed() error {
	t.run.checkpoint = t.e.Body.(event.CheckpointSigned).Note
	return nil
}

func (t *tx) share() error {
	t.run.shared = append(slices.Clone(t.run.shared), t.e.Body.(event.TargetShared))
	return nil
}

func (t *tx) override() error {
	if t.e.By == nil {
		return t.illegal("nobody asked for it")
	}
	t.run.overrides = append(slices.Clone(t.run.overrides), t.e.Body.(event.OverrideRequested))
	return nil
}

func (t *tx) hold() error {
	if t.run.hold != nil {
		return t.illegal("the run is on hold already")
	}
	placed := t.e
	t.run.hold = &placed
	return nil
}

func (t *tx) lift() error {
	if t.run.hold == nil {
		return t.illegal("the run is not on hold")
	}
	t.run.hold = nil
	return nil
}

func (t *tx) pause() error {
	if t.run.status != "" || t.run.paused {
		return t.illegal("the run is %s", t.standing())
	}
	paused := t.e
	t.run.paused, t.run.halted, t.run.pausing = true, t.e.Body.(event.RunPaused).Halt, &paused
	return nil
}

func (t *tx) unpause() error {
	if !t.run.paused {
		return t.illegal("the run is not paused")
	}
	t.run.paused = false
	return nil
}

func (t *tx) standing() string {
	if t.run.paused {
		return "paused already"
	}
	return string(t.Status())
}

func (t *tx) begin() error {
	b := t.e.Body.(event.RunStarted)
	t.run.started, t.run.by, t.run.startedAt = &b, t.e.By, t.e.Time
	root := t.get("")
	root.Status, root.Phase, root.Started = event.Running, Inside, t.e.Time
	root.Inputs = b.Inputs
	root.lanes = 1
	t.startLanes("")
	return nil
}

func (t *tx) cancel() error {
	b := t.e.Body.(event.CancelRequested)
	switch {
	case t.run.status != "":
		return t.illegal("the run has ended: %s", t.run.status)
	case t.run.rollback != nil:
		return t.illegal("the run is being rolled back; that cannot be canceled, only paused")
	case t.committed():
		return t.illegal("the run is ending already")
	}
	message := "canceled"
	if b.Reason != "" {
		message += ": " + b.Reason
	}
	t.run.paused = false // what cleans up goes on
	t.close("", closing{why: byCancel, status: event.Canceled, message: message})
	return nil
}

func (t *tx) end() error {
	b := t.e.Body.(event.RunEnded)
	want, ok := t.ending()
	if !ok {
		return t.illegal("the run is not at its end")
	}
	if want != b.Status {
		return t.illegal("the run ends as %s, not as %s", want, b.Status)
	}
	root := t.get("")
	root.Phase, root.Status, root.Ended, root.closing = Ended, b.Status, t.e.Time, nil
	t.run.status, t.run.endedAt, t.run.message = b.Status, t.e.Time, b.Message
	if b.Outputs != nil {
		t.run.outputs = b.Outputs
	}
	t.run.rollback, t.run.paused = nil, false
	return nil
}

// ending reports how the run ends if nothing is left to do.
func (s State) ending() (event.Status, bool) {
	switch {
	case s.run.startedAt.IsZero() || s.run.status != "":
		return "", false
	case s.run.rollback != nil:
		return s.rollbackEnding()
	case s.root.Phase != Concluding:
		return "", false
	case s.root.closing != nil:
		return s.root.closing.status, true
	}
	return event.Succeeded, true
}

// put makes st the record of its path.
func (t *tx) put(st *Step) {
	if st.Path == "" {
		t.root = st
		return
	}
	t.steps = t.steps.set(st.Path, st)
}

// get returns a step's record, to be changed; see private.
func (t *tx) get(path string) *Step { return t.private(t.must(path)) }

// private returns a record that may be changed: a copy in the place of the old
// one, unless all are ours. It is the last word about the step until somebody
// asks again.
func (t *tx) private(st *Step) *Step {
	if t.owner {
		return st
	}
	own := *st
	t.put(&own)
	return &own
}

// retire takes a step's token off the board.
func (t *tx) retire(path string) {
	t.open = slices.DeleteFunc(slices.Clone(t.open), func(p string) bool { return p == path })
}

// over reports whether a step has lost its token, or is about to: whatever is
// said about it begins nothing.
func (t *tx) over(st *Step) bool {
	return !slices.Contains(t.open, st.Path) || t.closingAround(st) != nil
}

func (t *tx) nodeOf(st *Step) *plan.Node { return t.ix.plan.Node(st.Node) }
