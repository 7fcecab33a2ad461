package scenario

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// The codes of this package's findings.
const (
	NoRunbook   = "IR0600"
	WrongInput  = "IR0601"
	SecretInput = "IR0602"
	UnknownStep = "IR0603"
	InjectTwice = "IR0604"
	InjectWhen  = "IR0605"
)

// Codes returns what this package's findings mean, sorted by code.
func Codes() []language.Code {
	return []language.Code{
		{ID: NoRunbook, Severity: runbook.Error, Title: "the runbook of a scenario cannot be read",
			Explanation: "There is nothing to exercise. Name a runbook that `irctl runbook list` shows, or give a path that begins at the scenario's folder.",
			Bad:         head + "runbook: contianment\n",
			Good:        head + "runbook: containment\ninputs: {incident: INC-1}\n"},
		{ID: WrongInput, Severity: runbook.Error, Title: "an input of a scenario does not fit its runbook",
			Explanation: "The exercise could not begin: an input is not declared, has the wrong type, or is missing. The runbook says which inputs it takes.",
			Bad:         head + "runbook: containment\ninputs: {incident: the stolen laptop}\n",
			Good:        head + "runbook: containment\ninputs: {incident: INC-1}\n"},
		{ID: SecretInput, Severity: runbook.Error, Title: "a secret stands in a scenario",
			Explanation: "Scenarios are copied and read by many. Leave secret inputs out: whoever starts the exercise gives them.",
			Unshown:     "it takes a runbook with a secret input, and no shipped one has any"},
		{ID: UnknownStep, Severity: runbook.Error, Title: "an inject waits for a step that is not there",
			Explanation: "It would never come. Name the id of a step of the runbook.",
			Bad:         head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, after: websiet, text: A journalist calls.}\n",
			Good:        head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, after: website, text: A journalist calls.}\n"},
		{ID: InjectTwice, Severity: runbook.Error, Title: "two injects have the same id",
			Explanation: "The report of an exercise names injects by their id. Give each its own.",
			Bad:         head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, at: 5m, text: A journalist calls.}\n  - {id: press, at: 9m, text: Another one calls.}\n",
			Good:        head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, at: 5m, text: A journalist calls.}\n  - {id: press-again, at: 9m, text: Another one calls.}\n"},
		{ID: InjectWhen, Severity: runbook.Error, Title: "an inject comes at no moment, or at two",
			Explanation: "It comes so long after the start (`at`), or after a step has ended (`after`). Give one of the two.",
			Bad:         head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, text: A journalist calls.}\n",
			Good:        head + "runbook: containment\ninputs: {incident: INC-1}\ninjects:\n  - {id: press, at: 5m, text: A journalist calls.}\n"},
	}
}

// head begins the examples.
const head = "irctl: v1\nkind: scenario\nname: stolen-laptop\n"
