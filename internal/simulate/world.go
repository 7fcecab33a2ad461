package simulate

import (
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Config is what a simulated run is made of.
type Config struct {
	Plan    *plan.Plan
	Inputs  event.Values             // as compile.Inputs types them
	Secrets map[string]action.Secret // secret inputs; fakes will do
	By      event.Actor              // who starts the run
	Start   time.Time                // what the clock shows at first
	// Environment is the environment's name, and Value returns one of its texts.
	Environment string
	Value       func(name string) (string, bool)
	// Spec describes an action; Inspects and Undoes say whether the real one
	// can look at its target, and put back what it changed.
	Spec             func(name string) (action.Spec, bool)
	Inspects, Undoes func(name string) bool
	// Evaluator may be shared by the runs of one plan; nil is one of its own.
	Evaluator *expr.Evaluator
	World     World
	// Tell is told every event as it happens; nil is nobody.
	Tell func(event.Event)
	// Interventions are what people do unasked.
	Interventions []Intervention
}

// World is what surrounds a run. Its methods are called in the order of the
// events, from the goroutine that called Run.
type World interface {
	// Attempt says how an attempt, or undoing a step, goes.
	Attempt(Attempt) Outcome
	// Answer says what somebody does about a question; ok is false if nobody
	// does anything. A question that stands after an answer is asked again.
	Answer(Question) (a Answer, ok bool)
}

// Attempt is one try of an action, as the journal describes it.
type Attempt struct {
	Path   string // of the step
	Node   *plan.Node
	Number int // from 1
	Target string
	With   event.Values  // without secrets
	Undo   bool          // it undoes the step
	At     time.Duration // since the start
}

// Kind is how an attempt ends. The zero value is invalid.
type Kind int

// The kinds of outcomes.
const (
	Succeeds Kind = iota + 1
	Fails
	TimesOut // it takes as long as its deadline allows, and then fails
	Doubtful // the action cannot tell whether it took effect
	Dies     // irctl ends after the intent and is resumed at once
)

// Finding is what a look at a target shows. The zero value is invalid.
type Finding int

// The findings.
const (
	CannotTell Finding = iota + 1
	NotDone
	Done
)

// Outcome is how an attempt goes.
type Outcome struct {
	Kind  Kind
	Takes time.Duration // up to its end; one that outlasts the deadline times out
	// Outputs of a success. Those that Spec declares and that are not here are
	// filled in with samples.
	Outputs map[string]any
	Summary string // of a success
	// Unchanged says that a successful change found everything as it should
	// be; Changed, that an attempt that did not succeed had begun to change
	// its target, so that a rollback undoes it.
	Unchanged, Changed bool
	Message, Hint      string // why it failed, or is in doubt
	Permanent          bool   // trying again cannot help
	Finds              Finding
	// Disagrees is what the step's verify shows although the action reported
	// success; "" if it agrees.
	Disagrees string
}

// Asks says what a question is for. The zero value is invalid.
type Asks string

// What people are asked for.
const (
	Approval Asks = "approval" // a yes or a no
	Manual   Asks = "manual"   // to do something and say so
	Decision Asks = "decision" // a step failed: retry, skip, or end the run
	Doubt    Asks = "doubt"    // an outcome is unknown: say what happened
)

// Question is what a run waits for.
type Question struct {
	For      Asks
	Path     string
	Node     *plan.Node
	Roles    []string // Approval: who may answer
	Undo     bool     // it is about undoing the step
	Fallback bool     // Manual: a person takes over from an action
	Step     engine.Step
	At       time.Duration // since the start
}

// Answer is what somebody says to a question.
type Answer struct {
	After time.Duration // from the moment of the question
	By    event.Actor
	Body  event.Body // about the question's step; a body about the run is taken as such
	Label any        // comes back in Refusal, for the caller's use
}

// Intervention is what somebody does unasked.
type Intervention struct {
	At    time.Duration // since the start
	AtEnd bool          // instead, once the run has ended
	By    event.Actor
	Body  event.Body
	Label any
}

// Refusal is an answer or an intervention that could not be given.
type Refusal struct {
	Path  string
	Err   error
	Label any
}

// Result is how a run went.
type Result struct {
	State   engine.State
	Events  []event.Event
	Refused []Refusal
	// Broken says why the simulation was given up, "" if it was not: the run
	// goes round in a circle, or the engine refuses what the driver answers.
	Broken string
	// Elapsed is the simulated time from the start to the last event.
	Elapsed time.Duration
}
