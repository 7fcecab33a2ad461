package check

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// valueCodes are findings without which a runbook could not run as it is meant: values and order.
var valueCodes = []language.Code{
	{
		ID: CannotHaveRun, Severity: runbook.Error, Title: "an expression refers to a step that cannot have run yet",
		Explanation: "It would never have a value. Move the step before, or refer to another one.",
		Bad: `
- id: tell
  manual: Tell the team that email is ${{ steps.email.status }}.
- id: email
  uses: email.suspend
  target: corporate-mail
`,
		Good: `
- id: email
  uses: email.suspend
  target: corporate-mail
- id: tell
  manual: Tell the team that email is ${{ steps.email.status }}.
`,
	},
	{
		ID: BadSubject, Severity: runbook.Error, Title: "a loop or choice has the wrong subject",
		Explanation: "foreach goes through a list or a map; switch compares a single value. Give a list, a map, or a single value.",
		Bad: `
inputs:
  account: {type: string, required: true}
steps:
  - foreach: ${{ inputs.account }}
    as: one
    do: [{manual: "Call ${{ one }}."}]
`,
		Good: `
inputs:
  accounts: {type: list, required: true}
steps:
  - foreach: ${{ inputs.accounts }}
    as: one
    do: [{manual: "Call ${{ one }}."}]
`,
	},
	{
		ID: BadDuration, Severity: runbook.Error, Title: "a duration is not longer than nothing",
		Explanation: "A limit of zero would end everything at once. Write a number with a unit: 90s, 15m, 2h30m.",
		Bad: `
- wait: 0s
`,
		Good: `
- wait: 10s
`,
	},
	{
		ID: BadRetry, Severity: runbook.Error, Title: "retry is not valid",
		Explanation: "attempts is a number from 1 to 100, and max_delay at least delay. Correct the value.",
		Bad: `
- uses: email.suspend
  target: corporate-mail
  retry: {attempts: 3, delay: 1m, max_delay: 10s}
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
  retry: {attempts: 3, delay: 10s, max_delay: 1m}
`,
	},
	{
		ID: BadApproval, Severity: runbook.Error, Title: "an approval cannot be given",
		Explanation: "need is a number of persons, at least 1. Write for example need: 2.",
		Bad: `
- approve: {text: Go offline now, roles: [commander], need: "${{ 1 + 1 }}"}
`,
		Good: `
- approve: {text: Go offline now, roles: [commander], need: 2}
`,
	},
	{
		ID: BadDefault, Severity: runbook.Error, Title: "a default or bound does not fit its declaration",
		Explanation: "The runbook could not start with it. Give a value of the declared type within the declared bounds.",
		Bad: `
inputs:
  attempts: {type: int, default: 20, max: 10}
steps:
  - manual: Try ${{ inputs.attempts }} times.
`,
		Good: `
inputs:
  attempts: {type: int, default: 5, max: 10}
steps:
  - manual: Try ${{ inputs.attempts }} times.
`,
	},
	{
		ID: SecretShown, Severity: runbook.Error, Title: "a secret would be shown or kept",
		Explanation: "Process lists, journals and messages are read by many. Hand it only to inputs that take secrets, such as env, stdin or headers.",
		Bad: `
inputs:
  token: {type: string, secret: true, required: true}
steps:
  - uses: exec
    with: {argv: [statuspage, close, "${{ inputs.token }}"]}
`,
		Good: `
inputs:
  token: {type: string, secret: true, required: true}
steps:
  - uses: exec
    with: {argv: [statuspage, close], env: {TOKEN: "${{ inputs.token }}"}}
`,
	},
	{
		ID: SecretWritten, Severity: runbook.Error, Title: "a secret stands in the runbook",
		Explanation: "Runbooks are copied, reviewed and kept in version control. Declare an input with secret: true and refer to it.",
		Bad: `
- uses: exec
  with: {argv: [statuspage, close], env: {STATUSPAGE_TOKEN: 6f1e2d}}
`,
		Good: `
inputs:
  token: {type: string, secret: true, required: true}
steps:
  - uses: exec
    with: {argv: [statuspage, close], env: {STATUSPAGE_TOKEN: "${{ inputs.token }}"}}
`,
	},
	{
		ID: ShellInterpolation, Severity: runbook.Error, Title: "a value is put into a shell text",
		Explanation: "Text from outside could become a command. Hand it over as an environment variable: env: {NAME: ${{ ... }}}, and write \"$NAME\" in the shell text.",
		Bad: `
inputs:
  account: {type: string, required: true}
steps:
  - uses: exec
    with: {shell: "pkill -u ${{ inputs.account }}"}
`,
		Good: `
inputs:
  account: {type: string, required: true}
steps:
  - uses: exec
    with: {shell: 'pkill -u "$ACCOUNT"', env: {ACCOUNT: "${{ inputs.account }}"}}
`,
	},
	{
		ID: UnusedInput, Severity: runbook.Warning, Title: "an input is never used",
		Explanation: "People would be asked for it in vain. Use it or remove it.",
		Bad: `
inputs:
  incident: {type: string, required: true}
steps:
  - manual: Call the bank.
`,
		Good: `
inputs:
  incident: {type: string, required: true}
steps:
  - manual: Call the bank and read them ${{ inputs.incident }}.
`,
	},
	{
		ID: NameTaken, Severity: runbook.Error, Title: "the name of a loop's variable is taken",
		Explanation: "It would hide something else in expressions. Take another name.",
		Bad: `
inputs:
  accounts: {type: list, required: true}
steps:
  - foreach: ${{ inputs.accounts }}
    as: inputs
    do: [{manual: Call the account's owner.}]
`,
		Good: `
inputs:
  accounts: {type: list, required: true}
steps:
  - foreach: ${{ inputs.accounts }}
    as: account
    do: [{manual: "Call the owner of ${{ account }}."}]
`,
	},
	{
		ID: BadCase, Severity: runbook.Error, Title: "a case of a switch can never apply",
		Explanation: "An empty text cannot be told from no value, and an input of fixed values is never anything else: a misspelt case would pass its steps over in silence. Correct the case, or write default for everything else.",
		Bad: `
inputs:
  severity: {type: enum, values: [low, high], required: true}
steps:
  - switch: ${{ inputs.severity }}
    cases:
      hihg: [{manual: Call the board.}]
`,
		Good: `
inputs:
  severity: {type: enum, values: [low, high], required: true}
steps:
  - switch: ${{ inputs.severity }}
    cases:
      high: [{manual: Call the board.}]
`,
	},
	{
		ID: BadWait, Severity: runbook.Error, Title: "wait is not valid",
		Explanation: "A step waits for a duration, until a time, or until a condition holds. Write wait: 10m, wait: {until: TIME} or wait: {until: ${{ condition }}, every: 30s}.",
		Bad: `
- wait: {until: "${{ size(run.user) }}"}
`,
		Good: `
- wait: {until: "${{ size(run.user) > 0 }}", for: 1h}
`,
	},
	{
		ID: UnknownVariable, Severity: runbook.Error, Title: "a variable is never set before it is read",
		Explanation: "It would have no value. Add a set step before.",
		Bad: `
- manual: Tell the ${{ vars.left }} people who are left.
`,
		Good: `
- set: {left: 3}
- manual: Tell the ${{ vars.left }} people who are left.
`,
	},
	{
		ID: OutputNeverDeclared, Severity: runbook.Error, Title: "an output is not declared",
		Explanation: "It would never have a value. Check the spelling; see the step's action with `irctl action show`.",
		Bad: `
- id: call-bank
  manual: Call the bank.
  outputs: {reference: string}
- manual: Write down ${{ steps.call-bank.outputs.refrence }}.
`,
		Good: `
- id: call-bank
  manual: Call the bank.
  outputs: {reference: string}
- manual: Write down ${{ steps.call-bank.outputs.reference }}.
`,
	},
	{
		ID: BadItems, Severity: runbook.Error, Title: "a list or map cannot hold such items",
		Explanation: "An enum needs values, which items cannot have. Write items: string.",
		Bad: `
inputs:
  levels: {type: list, items: enum, required: true}
steps:
  - manual: Read out ${{ inputs.levels.join(', ') }}.
`,
		Good: `
inputs:
  levels: {type: list, items: string, required: true}
steps:
  - manual: Read out ${{ inputs.levels.join(', ') }}.
`,
	},
	{
		ID: OutputsOfCall, Severity: runbook.Error, Title: "outputs on a step that runs a runbook",
		Explanation: "What a runbook hands back is its own decision. Declare the outputs in the runbook that is run.",
		Bad: `
- run: alternative-payments
  outputs: {page: "${{ env.payments_url }}"}
`,
		Good: `
- id: pay
  run: alternative-payments
- manual: Look at ${{ steps.pay.outputs.url }}.
`,
	},
	{
		ID: TooMuchWork, Severity: runbook.Error, Title: "the expressions of a file take too much work",
		Explanation: "There is room for some 600 different expressions in one file. Names alone, and comparisons of names with plain values, are not counted; what several steps have in common is counted once. Split the runbook into several that call each other with run.",
		Unshown:     "an example would have hundreds of steps",
	},
}
