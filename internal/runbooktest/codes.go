package runbooktest

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// The codes of this package's findings.
const (
	UnknownRunbook = "IR0500"
	UnknownStep    = "IR0501"
	AmbiguousStep  = "IR0502"
	UnknownAction  = "IR0503"
	WrongInput     = "IR0504"
	UnknownValue   = "IR0505"
	UnknownPerson  = "IR0506"
	SaysSeveral    = "IR0507"
	NoEffect       = "IR0508"
	ExpectsNothing = "IR0509"
	NameTwice      = "IR0510"
	UnknownOutput  = "IR0511"
	UnknownEdge    = "IR0512"
)

// Codes returns what this package's findings mean, sorted by code.
func Codes() []language.Code { return slices.Clone(codes) }

var codes = []language.Code{
	{
		ID: UnknownRunbook, Severity: runbook.Error, Title: "the runbook under test cannot be used",
		Explanation: "A test file names its runbook, or is called NAME.test.yaml and stands beside NAME.yaml. The runbook must be without errors.",
		Bad: `
irctl: v1
kind: test
runbook: costumer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
`,
	},
	{
		ID: UnknownStep, Severity: runbook.Error, Title: "a test names a step that is not there",
		Explanation: "A step is named by its id or its path (contain/email), with the keys of loops for one pass alone (lock-out[alice]/sessions). Tests go with their runbook: when a step gets another id, so do its tests.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {steps: {sent: waiting}}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {steps: {wording: waiting}}
`,
	},
	{
		ID: AmbiguousStep, Severity: runbook.Error, Title: "an id means several steps",
		Explanation: "Steps of different runbooks may have the same id. Name the step by its path.",
		Unshown:     "it takes two runbooks of which one runs the other",
	},
	{
		ID: UnknownAction, Severity: runbook.Error, Title: "a test names an action that no step uses",
		Explanation: "Outcomes and calls of such an action would never count. Check the spelling, or remove the line.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {calls: {notify.mail: 1}}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {calls: {notify.email: 0}}
`,
	},
	{
		ID: WrongInput, Severity: runbook.Error, Title: "an input of a test is missing, not known or wrong",
		Explanation: "A test gives the runbook its inputs, as a person would; a required one must be there. What a step hands on is named by the inputs of its action.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    inputs: {incident: 42}
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    inputs: {incident: INC-42}
    expect: {end: waiting}
`,
	},
	{
		ID: UnknownValue, Severity: runbook.Error, Title: "a test gives a value that the runbook does not read",
		Explanation: "Values are what the runbook reads as env.NAME. One that it does not read has no effect.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    values: {helpline: +1 555 0100}
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
`,
	},
	{
		ID: UnknownPerson, Severity: runbook.Error, Title: "a test names a person whom it does not know",
		Explanation: "Once a test says who holds which roles, below people, everybody who acts must be named there.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    people: {dana: [communications]}
    answers: {wording: {approve: diana}}
    expect: {end: succeeded}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    people: {dana: [communications]}
    answers: {wording: {approve: dana}}
    expect: {end: succeeded}
`,
	},
	{
		ID: SaysSeveral, Severity: runbook.Error, Title: "an outcome, an answer or an event says several things",
		Explanation: "Each stands for one thing that happens. Several attempts, or several answers, are a list of them.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    answers: {wording: {approve: dana, reject: dana}}
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    answers: {wording: [{reject: dana}, {retry: Ask again.}, {approve: dana}]}
    expect: {end: succeeded}
`,
	},
	{
		ID: NoEffect, Severity: runbook.Error, Title: "an outcome or an answer that can have no effect",
		Explanation: "Only a step with uses has attempts, and only a step that asks gets an answer: an approval, a manual step or a fallback, a failed step, an unknown outcome.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    answers: {send: {approve: dana}}
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    answers: {wording: {approve: dana}}
    expect: {end: succeeded}
`,
	},
	{
		ID: ExpectsNothing, Severity: runbook.Error, Title: "a test that expects nothing",
		Explanation: "It would pass whatever the runbook does. Say at least how the run ends.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
`,
	},
	{
		ID: NameTwice, Severity: runbook.Error, Title: "two tests have the same name",
		Explanation: "A report names tests, and --run chooses them, by their names.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
  - name: all goes well
    expect: {end: waiting}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
  - name: nobody answers
    expect: {end: waiting}
`,
	},
	{
		ID: UnknownOutput, Severity: runbook.Error, Title: "a test names an unknown output, or gives a wrong value",
		Explanation: "Outputs are those that the action, the step or the runbook declares; irctl action show lists an action's.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {outputs: {message: x}}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    answers: {wording: {approve: dana}}
    outcomes: {send: {succeed: {message_id: m-1}}}
    expect: {outputs: {message_id: m-1}}
`,
	},
	{
		ID: UnknownEdge, Severity: runbook.Error, Title: "an excuse names something that coverage does not count",
		Explanation: "irctl test --coverage names in brackets what it counts of each step: runs, skipped, then, else, zero, one, many, retried, fails, timeout, refused, expired, undone.",
		Bad: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
unreachable:
  - {step: send, edge: refused, because: Nobody is asked.}
`,
		Good: `
irctl: v1
kind: test
runbook: customer-notice
given: {inputs: {incident: INC-1}}
tests:
  - name: all goes well
    expect: {end: waiting}
unreachable:
  - {step: send, edge: timeout, because: The provider answers always.}
`,
	},
}
