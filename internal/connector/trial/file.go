package trial

import (
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/runbook"
)

// Kind is the kind of file that is read here.
const Kind = "connector-test"

// NameOf is the file beside a connector that says how it is tried.
func NameOf(connector string) string { return trimYAML(connector) + ".test.yaml" }

// File is a parsed file of cases. Data in it may hold ${{ }}.
type File struct {
	Path       string
	Connector  runbook.Text
	Config     map[string]any // of the target under trial; secrets that it does not give are made up
	State      map[string]any // collections of the system's things, by name
	Errors     map[string]any // bodies of refusals, by status or "default"
	Operations map[string]*Effect
	Cases      []*Case

	texts *expr.Evaluator
}

// Effect is what an operation of the description does to the state, and what it
// answers. CEL and data may mention it (one thing), all (what is chosen), path,
// query, body, form, headers, state, server, config, made (how many things were
// made), page and next.
type Effect struct {
	One, All, Add string         // the collection whose things are chosen, or that gets one more
	Where         runbook.Text   // CEL over it: which are chosen
	Value         any            // what is added
	Set           []runbook.Pair // dotted names to data: what is set in each that is chosen
	Remove        bool           // each that is chosen
	Also          []*Effect      // further effects
	Refuse        []*Refusal     // instead of all that
	Pages         int            // how many things one answer holds; 0 is all
	From          runbook.Text   // CEL: where the page begins, as next said
	Status        int            // 0 is the first good one that is described
	Answer        any
	HasAnswer     bool
	Headers       map[string]any
}

// Refusal is a condition under which an operation does nothing.
type Refusal struct {
	When   runbook.Text // CEL
	Status int
	Answer any
}

// Case is one use of an action.
type Case struct {
	Name        runbook.Text
	Action      runbook.Text
	With        map[string]any
	Given       map[string]any // collections that are others than the file's
	State       runbook.Text   // what a look says, if anything is expected
	Outputs     map[string]any // what is expected of the result's
	Anew, Stays bool           // as of actiontest.Contract
	Fails       runbook.Text   // a part of the error that is expected instead
	Exchanges   []*Exchange    // what a look exchanged with the real system; the case is then that look
}

// Exchange is a request and an answer of the real system, as a connector's Record
// gives them.
type Exchange struct {
	Request runbook.Text
	Status  int
	Answer  any
}
