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
	Objectives  []runbook.Text // what the exercise should show
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
}
