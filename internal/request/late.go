package request

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// Transcribed is a line of what was done on paper: a manual step that was done or
// passed over, or a remark. It counts from now on, as if it had been said now,
// and the journal says when it was so, and who did it.
type Transcribed struct {
	Step   string // "" only for a remark about the run
	Result Result
	Late   event.Late
	Note   string
	As     string            // who says so
	Set    map[string]string // answers, by their names
}

// Result is how a line ended. The zero value is invalid.
type Result string

// The results.
const (
	ResultDone    Result = "done"
	ResultSkipped Result = "skipped"
	ResultNote    Result = "note" // it ends nothing
)

// EndedError says that a step has ended already, so that a line about it comes
// too late.
type EndedError struct{ Path, Status string }

// Error implements error.
func (e *EndedError) Error() string {
	return "step " + e.Path + " has ended already, it " + e.Status
}

func (w Transcribed) decide(st Standing) (Decision, error) {
	if w.Result == ResultNote {
		out, err := Note{Step: w.Step, Text: w.Note}.decide(st)
		out.Body = event.NoteAdded{Text: w.Note, Late: w.Late}
		if err == nil {
			out.Person, err = st.as(w.As)
		}
		return out, err
	}
	step, err := st.Step(w.Step)
	if err != nil {
		return Decision{}, err
	}
	if step.Phase == engine.Ended {
		return Decision{}, &EndedError{Path: step.Path, Status: string(step.Status)}
	}
	if step.Phase == engine.Entering {
		return Decision{}, st.notWaiting(step, "a person yet")
	}
	var out Decision
	if w.Result == ResultSkipped {
		out, err = Skip{Step: step.Path, Reason: w.Note}.decide(st)
		out.Body = event.StepSkipped{Reason: w.Note, Late: w.Late}
		if err == nil {
			out.Person, err = st.as(w.As)
		}
	} else {
		out, err = Done{Step: step.Path, As: w.As, Set: w.Set}.decide(st)
		if body, ok := out.Body.(event.StepSucceeded); ok {
			body.Late = w.Late
			out.Body = body
		}
	}
	out.Summary = strings.TrimSuffix(out.Summary, ".") + ", " + w.Late.String() + "."
	return out, err
}

// Same reports whether an event of the journal is this line.
func (w Transcribed) Same(e event.Event) bool {
	late := event.LateOf(e.Body)
	return !late.IsZero() && late.By == w.Late.By && late.At.Equal(w.Late.At.Truncate(time.Second)) &&
		(e.Path == w.Step || engine.Base(e.Path) == w.Step || strings.HasSuffix(e.Path, "/"+w.Step)) && e.Type() == w.kind()
}

func (w Transcribed) kind() event.Type {
	switch w.Result {
	case ResultNote:
		return event.NoteAdded{}.Type()
	case ResultSkipped:
		return event.StepSkipped{}.Type()
	}
	return event.StepSucceeded{}.Type()
}
