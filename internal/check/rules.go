package check

import "github.com/irctl/irctl/pkg/runbook"

// The codes of this package's findings.
const (
	StepIDTwice         = "IR0200"
	JumpTarget          = "IR0201"
	UnknownAction       = "IR0202"
	MissingInput        = "IR0203"
	UnknownInput        = "IR0204"
	WrongInput          = "IR0205"
	MissingTarget       = "IR0206"
	NeedlessTarget      = "IR0207"
	VerifyChanges       = "IR0208"
	CannotInspect       = "IR0209"
	UndoOfRead          = "IR0210"
	UnknownRunbook      = "IR0211"
	Recursion           = "IR0212"
	BadExpression       = "IR0213"
	UnknownName         = "IR0214"
	WrongType           = "IR0215"
	ExpressionTooLarge  = "IR0216"
	CannotHaveRun       = "IR0217"
	BadSubject          = "IR0218"
	BadDuration         = "IR0219"
	BadRetry            = "IR0220"
	BadApproval         = "IR0221"
	BadDefault          = "IR0222"
	SecretShown         = "IR0223"
	SecretWritten       = "IR0224"
	ShellInterpolation  = "IR0225"
	UnusedInput         = "IR0226"
	NameTaken           = "IR0227"
	BadCase             = "IR0228"
	BadWait             = "IR0229"
	UnknownVariable     = "IR0230"
	OutputNeverDeclared = "IR0231"
	BadItems            = "IR0232"
	OutputsOfCall       = "IR0233"
)

// Codes returns what this package's findings mean, sorted by code.
func Codes() []runbook.Code {
	return []runbook.Code{
		{ID: StepIDTwice, Severity: runbook.Error, Title: "two steps have the same id", Explanation: "Jumps, expressions and people at the keyboard name steps by their id. Give each step of the runbook its own id."},
		{ID: JumpTarget, Severity: runbook.Error, Title: "a jump leads nowhere", Explanation: "next and on_failure.next can only reach steps of the same block: what is around a block waits for the block as a whole. Name a step of the same block, or move the step."},
		{ID: UnknownAction, Severity: runbook.Error, Title: "there is no such action", Explanation: "The step cannot run. See `irctl action list`."},
		{ID: MissingInput, Severity: runbook.Error, Title: "a required input is not given", Explanation: "The action or runbook cannot work without it. Add it under with."},
		{ID: UnknownInput, Severity: runbook.Error, Title: "an input is not known", Explanation: "It would be ignored, so it is most likely a misspelling. See `irctl action show NAME` for the inputs of an action."},
		{ID: WrongInput, Severity: runbook.Error, Title: "an input has the wrong value", Explanation: "The action would refuse it at run time. Give a value of the declared type."},
		{ID: MissingTarget, Severity: runbook.Error, Title: "the action needs a target", Explanation: "It has to know which system to act on. Add target with the name of a system in the environment."},
		{ID: NeedlessTarget, Severity: runbook.Error, Title: "the action takes no target", Explanation: "It acts on no named system, so the target would be ignored. Remove target."},
		{ID: VerifyChanges, Severity: runbook.Error, Title: "verify uses an action that changes something", Explanation: "A check must be harmless: it runs again and again. Use an action whose effect is read."},
		{ID: CannotInspect, Severity: runbook.Error, Title: "verify: true needs an action that can look at its target", Explanation: "This action cannot tell the current state of its target. Name an action to verify with: verify: {uses: http, ...}."},
		{ID: UndoOfRead, Severity: runbook.Error, Title: "undo on an action that changes nothing", Explanation: "There is nothing to put back. Remove undo."},
		{ID: UnknownRunbook, Severity: runbook.Error, Title: "the runbook to run cannot be read", Explanation: "The step cannot run. Check the name or path."},
		{ID: Recursion, Severity: runbook.Error, Title: "a runbook runs itself", Explanation: "It would never end. Break the circle; use while to repeat steps."},
		{ID: BadExpression, Severity: runbook.Error, Title: "an expression cannot be read", Explanation: "It is not valid CEL. See `irctl help expressions`."},
		{ID: UnknownName, Severity: runbook.Error, Title: "a name in an expression means nothing", Explanation: "It would have no value. Check the spelling, or declare it."},
		{ID: WrongType, Severity: runbook.Error, Title: "values in an expression do not go together", Explanation: "The evaluation would fail at run time. Compare or combine values of the same type."},
		{ID: ExpressionTooLarge, Severity: runbook.Error, Title: "an expression is too large", Explanation: "Expressions are bounded, so that a runbook cannot hang. Compute parts of it in a set step before."},
		{ID: CannotHaveRun, Severity: runbook.Error, Title: "an expression refers to a step that cannot have run yet", Explanation: "It would never have a value. Move the step before, or refer to another one."},
		{ID: BadSubject, Severity: runbook.Error, Title: "a loop or choice has the wrong subject", Explanation: "foreach goes through a list or a map; switch compares a single value. Give a list, a map, or a single value."},
		{ID: BadDuration, Severity: runbook.Error, Title: "a duration is not longer than nothing", Explanation: "A limit of zero would end everything at once. Write a number with a unit: 90s, 15m, 2h30m."},
		{ID: BadRetry, Severity: runbook.Error, Title: "retry is not valid", Explanation: "attempts is a number from 1 to 100, and max_delay at least delay. Correct the value."},
		{ID: BadApproval, Severity: runbook.Error, Title: "an approval cannot be given", Explanation: "need is a number of persons, at least 1. Write for example need: 2."},
		{ID: BadDefault, Severity: runbook.Error, Title: "a default or bound does not fit its declaration", Explanation: "The runbook could not start with it. Give a value of the declared type within the declared bounds."},
		{ID: SecretShown, Severity: runbook.Error, Title: "a secret would be shown or kept", Explanation: "Process lists, journals and messages are read by many. Hand it only to inputs that take secrets, such as env, stdin or headers."},
		{ID: SecretWritten, Severity: runbook.Error, Title: "a secret stands in the runbook", Explanation: "Runbooks are copied, reviewed and kept in version control. Declare an input with secret: true and refer to it."},
		{ID: ShellInterpolation, Severity: runbook.Error, Title: "a value is put into a shell text", Explanation: "Text from outside could become a command. Hand it over as an environment variable: env: {NAME: ${{ ... }}}, and write \"$NAME\" in the shell text."},
		{ID: UnusedInput, Severity: runbook.Warning, Title: "an input is never used", Explanation: "People would be asked for it in vain. Use it or remove it."},
		{ID: NameTaken, Severity: runbook.Error, Title: "the name of a loop's variable is taken", Explanation: "It would hide something else in expressions. Take another name."},
		{ID: BadCase, Severity: runbook.Error, Title: "a case of a switch can never apply", Explanation: "An empty text cannot be told from no value, and an input of fixed values is never anything else: a misspelt case would pass its steps over in silence. Correct the case, or write default for everything else."},
		{ID: BadWait, Severity: runbook.Error, Title: "wait is not valid", Explanation: "A step waits for a duration, until a time, or until a condition holds. Write wait: 10m, wait: {until: TIME} or wait: {until: ${{ condition }}, every: 30s}."},
		{ID: UnknownVariable, Severity: runbook.Error, Title: "a variable is never set before it is read", Explanation: "It would have no value. Add a set step before."},
		{ID: OutputNeverDeclared, Severity: runbook.Error, Title: "an output is not declared", Explanation: "It would never have a value. Check the spelling; see the step's action with `irctl action show`."},
		{ID: BadItems, Severity: runbook.Error, Title: "a list or map cannot hold such items", Explanation: "An enum needs values, which items cannot have. Write items: string."},
		{ID: OutputsOfCall, Severity: runbook.Error, Title: "outputs on a step that runs a runbook", Explanation: "What a runbook hands back is its own decision. Declare the outputs in the runbook that is run."},
	}
}
