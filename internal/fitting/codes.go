package fitting

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// The codes of this package's findings.
const (
	NoTarget    = "IR0420"
	WrongTarget = "IR0421"
	NoValue     = "IR0422"
)

// Codes returns what this package's findings mean, sorted by code.
func Codes() []language.Code {
	const unshown = "it takes an environment beside the runbook, which `irctl validate --env NAME` has"
	return []language.Code{
		{ID: NoTarget, Severity: runbook.Error, Title: "the environment has no such target", Unshown: unshown,
			Explanation: "A step acts on a target that the environment does not name, so that irctl would refuse to run it there. Correct the name, or add the target to the environment."},
		{ID: WrongTarget, Severity: runbook.Error, Title: "the environment's target is of another type", Unshown: unshown,
			Explanation: "The target is there, but the action cannot act on systems of its type. `irctl action show NAME` says on which it can."},
		{ID: NoValue, Severity: runbook.Error, Title: "the environment has no such value", Unshown: unshown,
			Explanation: "An expression uses env.NAME, and the environment gives no such value. Correct the name, or add the value below `values:`."},
	}
}
