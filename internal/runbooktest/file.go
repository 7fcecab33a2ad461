package runbooktest

import (
	"time"

	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/runbook"
)

// File is a test file. [Bind] adds to its names what they mean.
type File struct {
	Path        string
	Title       runbook.Text
	Runbook     runbook.Text // name or path; not given: the file beside it
	Given       Setup        // of every case that does not say otherwise
	Cases       []*Case
	Unreachable []Excuse
}

// Case is one test.
type Case struct {
	Name runbook.Text
	Setup
	Expect Expect
}

// Setup is how the world is in a case.
type Setup struct {
	Inputs   []runbook.Pair
	Values   []runbook.Pair // of the environment
	People   []Person
	By       runbook.Text // who starts the run
	Start    time.Time    // zero: not given
	Outcomes []Outcomes
	Undo     []Outcomes // the same, of undoing
	Answers  []Answers
	Events   []Event
}

// Person holds roles.
type Person struct {
	Name  runbook.Text
	Roles []runbook.Text
}

// Outcomes are how the attempts of a step or an action go: the first entry
// that fits is taken.
type Outcomes struct {
	Of   runbook.Text // a step, an action, or "*"
	List []Outcome
	of   of
}

// Outcome is how an attempt goes.
type Outcome struct {
	simulate.Outcome
	Stated  []runbook.Pair // outputs of a success
	Attempt int            // only of this one; 0: as it comes
	Target  runbook.Text
	With    []runbook.Pair
}

// Answers are what people say to what a step asks, in this order, each once.
type Answers struct {
	Of   runbook.Text // a step, or "*"
	List []Answer
	of   of
}

// Answer is what somebody says.
type Answer struct {
	Span    runbook.Span
	Says    runbook.Text   // the key: approve, reject, done, skip, retry, resolve, rollback or cancel
	Text    runbook.Text   // its value: a person, a reason, or what happened
	Outputs []runbook.Pair // done
	By      runbook.Text
	Role    runbook.Text
	Comment string
	After   time.Duration
}

// Event is something that people do unasked.
type Event struct {
	simulate.Intervention
	Who runbook.Text
	To  runbook.Text // rollback: the oldest step to undo
}

// Expect is what must be so when nothing happens any more. What is not given
// is not looked at.
type Expect struct {
	Span     runbook.Span
	End      runbook.Text
	Message  runbook.Text
	Path     []PathEntry
	PathAt   runbook.Span
	Steps    []StepExpect
	Waits    []WaitExpect
	WaitsAt  runbook.Span
	Undone   []PathEntry
	UndoneAt runbook.Span
	NotRun   []PathEntry
	Calls    []Calls
	Outputs  []runbook.Pair
	Elapsed  *Elapsed
}

// PathEntry is one step of the expected path, or Gap: any number of steps.
type PathEntry struct {
	Step   runbook.Text
	Status string
	Gap    bool
	ref    ref
}

// StepExpect is what is expected of a step.
type StepExpect struct {
	Step    runbook.Text
	Status  runbook.Text
	Why     runbook.Text // part of its error, its reason or its summary
	Asks    runbook.Text // part of the text that people read
	Target  runbook.Text
	Attempt *int // attempts; nil is not given
	At      runbook.Span
	With    []runbook.Pair
	Outputs []runbook.Pair
	ref     ref
}

// WaitExpect is something that the run waits for.
type WaitExpect struct {
	Step  runbook.Text
	For   string // "" is anything
	Roles []string
	ref   ref
}

// Calls is how often an action is called.
type Calls struct {
	Action runbook.Text
	Times  int
	At     runbook.Span
}

// Elapsed is how much time passes.
type Elapsed struct {
	At          runbook.Span
	Least, Most time.Duration
}

// Excuse says why an edge cannot be reached by any test.
type Excuse struct {
	Step    runbook.Text
	Edge    runbook.Text
	Because runbook.Text
}
