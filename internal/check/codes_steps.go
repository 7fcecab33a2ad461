package check

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// stepCodes are findings without which a runbook could not run as it is meant: what steps do.
var stepCodes = []language.Code{
	{
		ID: StepIDTwice, Severity: runbook.Error, Title: "two steps have the same id",
		Explanation: "Jumps, expressions and people at the keyboard name steps by their id. Give each step of the runbook its own id.",
		Bad: `
- {id: call, manual: Call the bank.}
- {id: call, manual: Call the insurer.}
`,
		Good: `
- {id: call-bank, manual: Call the bank.}
- {id: call-insurer, manual: Call the insurer.}
`,
	},
	{
		ID: JumpTarget, Severity: runbook.Error, Title: "a jump leads nowhere",
		Explanation: "next and on_failure.next can only reach steps of the same block: what is around a block waits for the block as a whole. Name a step of the same block, or move the step.",
		Bad: `
- {id: call, manual: Call the bank., next: report}
- {id: reprot, manual: Write the report.}
`,
		Good: `
- {id: call, manual: Call the bank., next: report}
- {id: report, manual: Write the report.}
`,
	},
	{
		ID: UnknownAction, Severity: runbook.Error, Title: "there is no such action",
		Explanation: "The step cannot run. See `irctl action list`.",
		Bad: `
- uses: emial.suspend
  target: corporate-mail
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
`,
	},
	{
		ID: MissingInput, Severity: runbook.Error, Title: "a required input is not given",
		Explanation: "The action or runbook cannot work without it. Add it under with.",
		Bad: `
- uses: website.suspend
  target: portal
`,
		Good: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
`,
	},
	{
		ID: UnknownInput, Severity: runbook.Error, Title: "an input is not known",
		Explanation: "It would be ignored, so it is most likely a misspelling. See `irctl action show NAME` for the inputs of an action.",
		Bad: `
- uses: website.suspend
  target: portal
  with: {mesage: We are offline on purpose.}
`,
		Good: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
`,
	},
	{
		ID: WrongInput, Severity: runbook.Error, Title: "an input has the wrong value",
		Explanation: "The action would refuse it at run time. Give a value of the declared type.",
		Bad: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose., retry_after: soon}
`,
		Good: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose., retry_after: 4h}
`,
	},
	{
		ID: MissingTarget, Severity: runbook.Error, Title: "the action needs a target",
		Explanation: "It has to know which system to act on. Add target with the name of a system in the environment.",
		Bad: `
- uses: email.suspend
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
`,
	},
	{
		ID: NeedlessTarget, Severity: runbook.Error, Title: "the action takes no target",
		Explanation: "It acts on no named system, so the target would be ignored. Remove target.",
		Bad: `
- uses: http
  target: portal
  with: {url: "https://www.example.com/"}
`,
		Good: `
- uses: http
  with: {url: "https://www.example.com/"}
`,
	},
	{
		ID: VerifyChanges, Severity: runbook.Error, Title: "verify uses an action that changes something",
		Explanation: "A check must be harmless: it runs again and again. Use an action whose effect is read.",
		Bad: `
- uses: email.suspend
  target: corporate-mail
  verify: {uses: email.restore, target: corporate-mail}
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
  verify: {uses: http, with: {url: "https://probe.example.com/mail"}}
`,
	},
	{
		ID: CannotInspect, Severity: runbook.Error, Title: "verify: true needs an action that can look at its target",
		Explanation: "This action cannot tell the current state of its target. Name an action to verify with: verify: {uses: http, ...}.",
		Bad: `
- uses: exec
  with: {argv: [systemctl, stop, postfix]}
  verify: true
`,
		Good: `
- uses: exec
  with: {argv: [systemctl, stop, postfix]}
  verify: {uses: http, with: {url: "https://probe.example.com/mail"}}
`,
	},
	{
		ID: UndoOfRead, Severity: runbook.Error, Title: "undo on an action that changes nothing",
		Explanation: "There is nothing to put back. Remove undo.",
		Bad: `
- uses: assert
  with: {that: "${{ run.user != '' }}"}
  undo: {uses: exec, with: {argv: [reset-all]}}
`,
		Good: `
- uses: assert
  with: {that: "${{ run.user != '' }}"}
`,
	},
	{
		ID: UnknownRunbook, Severity: runbook.Error, Title: "the runbook to run cannot be read",
		Explanation: "The step cannot run. Check the name or path.",
		Bad: `
- run: containmnet
`,
		Good: `
- run: alternative-payments
`,
	},
	{
		ID: Recursion, Severity: runbook.Error, Title: "a runbook runs itself",
		Explanation: "It would never end. Break the circle; use while to repeat steps.",
		Unshown:     "a runbook can only run itself by its own file, which an example does not have",
	},
	{
		ID: BadExpression, Severity: runbook.Error, Title: "an expression cannot be read",
		Explanation: "It is not valid CEL. See `irctl help expressions`.",
		Bad: `
- manual: Call the bank.
  when: ${{ run.user == }}
`,
		Good: `
- manual: Call the bank.
  when: ${{ run.user == 'dana' }}
`,
	},
	{
		ID: UnknownName, Severity: runbook.Error, Title: "a name in an expression means nothing",
		Explanation: "It would have no value. Check the spelling, or declare it.",
		Bad: `
inputs:
  incident: {type: string, required: true}
steps:
  - manual: Read them ${{ inputs.incidnet }}.
  - manual: Write ${{ inputs.incident }} on the board.
`,
		Good: `
inputs:
  incident: {type: string, required: true}
steps:
  - manual: Read them ${{ inputs.incident }}.
`,
	},
	{
		ID: WrongType, Severity: runbook.Error, Title: "values in an expression do not go together",
		Explanation: "The evaluation would fail at run time. Compare or combine values of the same type.",
		Bad: `
inputs:
  accounts: {type: list, default: []}
steps:
  - manual: Call the bank.
    when: ${{ inputs.accounts > 3 }}
`,
		Good: `
inputs:
  accounts: {type: list, default: []}
steps:
  - manual: Call the bank.
    when: ${{ size(inputs.accounts) > 3 }}
`,
	},
	{
		ID: ExpressionTooLarge, Severity: runbook.Error, Title: "an expression is too large",
		Explanation: "Expressions are bounded, so that a runbook cannot hang: 8 KiB each, 64 KiB and 1,000 expressions in one text. Compute parts of it in a set step before, or make several texts of one.",
		Unshown:     "an example would be an expression of many thousand characters",
	},
}
