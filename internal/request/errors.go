package request

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/event"
)

// StepError says that a name does not mean a step of the run that has begun.
type StepError struct {
	Run, Name string
	Matches   []string // the paths of several that it could mean
	Unbegun   string   // the path of the step that it means, which has not had its turn
	Near      string   // what resembles it, if it means none
}

// Error implements error.
func (e *StepError) Error() string {
	switch {
	case len(e.Matches) > 0:
		return fmt.Sprintf("%q could be any of %d steps", e.Name, len(e.Matches))
	case e.Unbegun != "":
		return "step " + e.Unbegun + " has not had its turn yet"
	}
	return suggest.Instead(fmt.Sprintf("there is no step %q in this run", e.Name), e.Near)
}

// NotWaitingError says that a step does not wait for what somebody wants to
// give it.
type NotWaitingError struct {
	Run, Path string
	For       string // "an approval"
	Status    event.Status
	Summary   string    // how it came to its status, "" if that is not known
	Late      time.Time // when the time for an answer ended, after which it failed; zero if it did not
	Next      string    // the verb that goes on from there, "" if none does
}

// Error implements error.
func (e *NotWaitingError) Error() string {
	return fmt.Sprintf("step %s does not wait for %s", e.Path, e.For)
}

// AnswersError says that the answers to a manual step are missing or wrong.
type AnswersError struct {
	Path     string
	Problems []compile.Problem
	Run      string
	Asked    []plan.Field // answers
	Files    []plan.Field // evidence
	Done     bool         // the step is, and its answers were to be corrected
}

// Error implements error.
func (e *AnswersError) Error() string {
	var b strings.Builder
	b.WriteString("the answers to step " + e.Path + " are not complete or not right")
	for _, p := range e.Problems {
		b.WriteString("\n- " + p.Error())
	}
	return b.String()
}

// EvidenceError says that a file is missing that a step wants, or that one was
// given which it does not.
type EvidenceError struct {
	Path    string
	Missing *plan.Field
	Surplus string
	Wanted  []plan.Field // instead of Surplus
}

// Error implements error.
func (e *EvidenceError) Error() string {
	if e.Missing != nil {
		return fmt.Sprintf("step %s wants a file as %s: %s", e.Path, e.Missing.Name, e.Missing.Description)
	}
	names := each.Of(e.Wanted, func(f plan.Field) string { return f.Name })
	slices.Sort(names)
	return fmt.Sprintf("step %s wants no file called %s, but %s", e.Path, e.Surplus, strings.Join(names, ", "))
}

// UnsignedError says that a decision must be signed, and that whoever typed has
// no key here.
type UnsignedError struct{ Run string }

// Error implements error.
func (e *UnsignedError) Error() string {
	return "this must be signed, and irctl knows no key of yours: without a signature it counts for nothing"
}
