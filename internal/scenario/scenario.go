package scenario

import (
	"time"

	"github.com/irctl/irctl/pkg/runbook"
)

// Scenario is a parsed scenario. Absent texts are zero.
type Scenario struct {
	File        string
	Name        runbook.Text
	Title       runbook.Text
	Description runbook.Text
	Runbook     runbook.Text   // a name, or a path beside the scenario's file
	Environment runbook.Text   // a name or a path; "" is for the facilitator to say
	Start       time.Time      // of the exercise's clock; zero is the moment it begins
	Inputs      []runbook.Pair // of the runbook
	Injects     []Inject       // in the file's order
	Players     []Player       // in the file's order
	Answers     []Answer
	Objectives  []Objective // what the exercise should show
}

// Player is somebody who answers in an exercise that plays itself.
type Player struct {
	Name    runbook.Text
	Roles   []runbook.Text
	Answers time.Duration // how long an answer takes on the average
}

// Answer is what players say to a step.
type Answer struct {
	Step, Says runbook.Text
	Outputs    []runbook.Pair
}

// Objective is what an exercise should show. One without a step is not measured.
type Objective struct {
	Text, Step, Capability runbook.Text
	Within                 time.Duration
}

// When says at which moment of a step an inject comes. The zero value is Ended.
type When string

// The moments.
const (
	Ended   When = "ended"
	Started When = "started"
	Waits   When = "waits"
)

// Fault is something that does not work. One of Step, Target and Action is given.
type Fault struct {
	Step, Target, Action runbook.Text
	How                  string        // of Hows; "" is no fault
	Takes                time.Duration // of each try
	For                  time.Duration // 0 is to the end
	Times                int           // tries that it hits; 0 is all
}

// The ways in which something does not work.
const (
	Refuses     = "refuses"
	TimesOut    = "times-out"
	Half        = "half"
	Credentials = "credentials"
	Unreachable = "unreachable"
	Slow        = "slow"
)

// Hows are all of them.
var Hows = []string{Refuses, TimesOut, Half, Credentials, Unreachable, Slow}

// Words are what can be said to a step.
var Words = []string{"approve", "reject", "done", "skip", "retry", "rollback", "cancel", "happened", "did-not-happen"}

// Decision is what a good team says to a step, and how long after the inject.
type Decision struct {
	Step, Says runbook.Text
	Within     time.Duration // 0 is at any time
}

// Inject is an event that the facilitator throws in. It comes at a time, or
// after a step of the runbook has ended, whichever is given.
type Inject struct {
	ID     runbook.Text
	At     time.Duration // since the start; counts if After is not given
	After  runbook.Text  // id of a step
	Title  runbook.Text
	Text   runbook.Text // what is read out or handed over
	To     runbook.Text // role that gets it; "" is everybody
	Expect runbook.Text // what a good team does about it

	When     When
	Fault    Fault
	Silent   runbook.Text  // the role in which nobody answers
	For      time.Duration // for so long; 0 is to the end
	Crash    bool
	Decision Decision
}
