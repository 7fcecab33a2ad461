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
// The events that a step's phase allows stand in the table in transitions.go.
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
	start, isStart := t.e.Body.(event.RunStarted)
	if isStart != t.run.startedAt.IsZero() {
		if isStart {
			return t.illegal("the run has started already")
		}
		return t.illegal("the run has not started")
	}
	switch b := t.e.Body.(type) {
	case event.RunStarted:
		return t.begin(start)
	case event.RunResumed, event.RunInterrupted, event.NoteAdded, event.TailSetAside:
		return nil
	case event.RunPaused:
		if t.run.status != "" || t.run.paused {
			return t.illegal("the run is %s", t.condition())
		}
		t.run.paused = true
		return nil
	case event.RunContinued:
		if !t.run.paused {
			return t.illegal("the run is not paused")
		}
		t.run.paused = false
		return nil
	case event.CancelRequested:
		return t.cancel(b)
	case event.RollbackStarted:
		return t.startRollback(b)
	case event.RunEnded:
		return t.end(b)
	}
	st, ok := t.steps.get(t.e.Path)
	if !ok {
		return t.illegal("the step has not had its turn")
	}
	return t.applyStep(st)
}

func (t *tx) condition() string {
	if t.run.paused {
		return "paused already"
	}
	return string(t.Status())
}

func (t *tx) begin(b event.RunStarted) error {
	t.run.started, t.run.by, t.run.startedAt = &b, t.e.By, t.e.Time
	root := *t.root
	root.Status, root.Phase, root.Started = event.Running, Inside, t.e.Time
	root.Inputs = b.Inputs
	root.lanes = 1
	t.root = &root
	t.startLanes("")
	return nil
}

func (t *tx) cancel(b event.CancelRequested) error {
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
	t.close("", closing{why: byCancel, status: event.Canceled, message: message})
	return nil
}

func (t *tx) end(b event.RunEnded) error {
	want, ok := t.ending()
	if !ok {
		return t.illegal("the run is not at its end")
	}
	if want != b.Status {
		return t.illegal("the run ends as %s, not as %s", want, b.Status)
	}
	root := *t.root
	root.Phase, root.Status, root.Ended = Ended, b.Status, t.e.Time
	root.closing = nil
	t.root = &root
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

// get returns a step's record, to be changed and put back.
func (t *tx) get(path string) *Step { return t.private(t.must(path)) }

// private returns a record that may be changed: a copy, unless all are ours.
func (t *tx) private(st *Step) *Step {
	if t.owner {
		return st
	}
	own := *st
	return &own
}

// retire takes a step's token off the board.
func (t *tx) retire(path string) {
	open := make([]string, 0, len(t.open))
	for _, p := range t.open {
		if p != path {
			open = append(open, p)
		}
	}
	t.open = open
}

// stands reports whether a step's token is on the board: whatever is said about
// a step that has lost it moves nothing.
func (t *tx) stands(st *Step) bool { return slices.Contains(t.open, st.Path) }

func (t *tx) nodeOf(st *Step) *plan.Node { return t.ix.plan.Node(st.Node) }
