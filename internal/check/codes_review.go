package check

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// changeCodes are what the review says of steps that change something.
var changeCodes = []language.Code{
	{
		ID: NoWayBack, Severity: runbook.Warning, Title: "a change with no way back, and no reason why",
		Explanation: "Containment that was a mistake must be taken back under stress, and a rollback passes over a step that nobody told how. Add `undo` with what puts the change back, or `irreversible` with the reason why it stays. Built-in actions that undo by themselves need neither.",
		Bad: `
- uses: exec
  with: {argv: [systemctl, stop, postfix]}
`,
		Good: `
- uses: exec
  with: {argv: [systemctl, stop, postfix]}
  undo: {uses: exec, with: {argv: [systemctl, start, postfix]}}
`,
	},
	{
		ID: NoApproval, Severity: runbook.Warning, Title: "a change that cannot be undone, and nobody is asked",
		Explanation: "What nobody can take back should be agreed to by somebody who can answer for it. Add `approval` to the step, or an `approve` step that the run comes to before it.",
		Bad: `
- uses: credentials.rotate
  target: directory
  with: {account: alice}
  irreversible: The old password may be known to the intruder.
`,
		Good: `
- approve: {text: Give alice a new password now, roles: [commander], within: 15m, not_requester: true}
- uses: credentials.rotate
  target: directory
  with: {account: alice}
  irreversible: The old password may be known to the intruder.
`,
	},
	{
		ID: RetryNotIdempotent, Severity: runbook.Warning, Title: "retry on an action that is not idempotent",
		Explanation: "A command that failed may have done its work by half, or whole; trying again may do it twice. If that is harmless, say `idempotent: true`. If not, remove `retry`: a person looks first and types `irctl retry`. Actions that can tell that a failed attempt had no effect are not reported.",
		Bad: `
- uses: exec
  with: {argv: [pay-out, --all]}
  irreversible: Money that was sent is gone.
  retry: {attempts: 3, delay: 5s}
`,
		Good: `
- uses: exec
  with: {argv: [block-cards, --all]}
  irreversible: Blocked cards are replaced.
  idempotent: true
  retry: {attempts: 3, delay: 5s}
`,
	},
	{
		ID: NotVerified, Severity: runbook.Warning, Title: "containment that nothing looks at",
		Explanation: "What takes a system offline is the point of the run, and a system's own word for it is not enough. Add `verify: true`, a `verify` with another action, or a later step that looks from the outside.",
		Bad: `
- uses: email.suspend
  target: corporate-mail
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
  verify: true
`,
	},
	{
		ID: SecretInArgv, Severity: runbook.Warning, Title: "a secret among a command's arguments",
		Explanation: "Every user of the machine can list the arguments of every process, and many systems log them. Hand a secret over as an environment variable (`env`), on standard input (`stdin`), or as the name of a file that holds it. A secret input is refused there anyway (IR0223).",
		Bad: `
- uses: exec
  with: {argv: [backup, --password, hunter2, lock]}
  irreversible: A locked backup stays locked.
`,
		Good: `
- uses: exec
  with: {argv: [backup, --password-file, /etc/backup/password, lock]}
  irreversible: A locked backup stays locked.
`,
	},
}

// peopleCodes are what the review says of people, and of the time that they
// and systems have.
var peopleCodes = []language.Code{
	{
		ID: ManualOwner, Severity: runbook.Warning, Title: "a manual step that is nobody's",
		Explanation: "In an incident everybody takes it for somebody else's. Name a person or a team as `owner` of the step, or of a step around it.",
		Bad: `
- manual: Call the bank.
  timeout: 30m
`,
		Good: `
- manual: Call the bank.
  timeout: 30m
  owner: finance@example.com
`,
	},
	{
		ID: ManualLimit, Severity: runbook.Warning, Title: "a manual step without a time limit",
		Explanation: "A run that waits for somebody who forgot waits for ever, and nobody is told. Add `timeout` to the step, or to a step around it; when it is over the run says so, and a person decides.",
		Bad: `
- manual: Call the bank.
  owner: finance@example.com
`,
		Good: `
- manual: Call the bank.
  owner: finance@example.com
  timeout: 30m
`,
	},
	{
		ID: RoleNobodyHolds, Severity: runbook.Error, Title: "approval by a role that nobody holds",
		Explanation: "The run would wait for nobody. `people` in the environment says who holds which role. Reported when the runbook is checked against an environment.",
		Unshown:     "it needs an environment beside the runbook",
	},
	{
		ID: TooFewHolders, Severity: runbook.Warning, Title: "approval by more people than there are",
		Explanation: "More people must agree than hold the roles, or `not_requester` leaves too few when one of them starts the run. Reported when the runbook is checked against an environment.",
		Unshown:     "it needs an environment beside the runbook",
	},
	{
		ID: OwnApproval, Severity: runbook.Warning, Title: "containment that one person could approve alone",
		Explanation: "An approval asks a second person only if it says so: whoever starts the run may otherwise answer it. Write `not_requester: true`, or `need: 2`. Where one person may decide, because at 3 am there may be no other, write `not_requester: false`: then it is meant. Reported for approvals of what takes a system offline or cannot be taken back, messages aside.",
		Bad: `
- approve: {text: Take email offline now, roles: [commander], within: 15m}
- uses: email.suspend
  target: corporate-mail
  verify: true
`,
		Good: `
- approve: {text: Take email offline now, roles: [commander], within: 15m, not_requester: true}
- uses: email.suspend
  target: corporate-mail
  verify: true
`,
	},
	{
		ID: ApprovalLimit, Severity: runbook.Warning, Title: "an approval that is waited for without a limit",
		Explanation: "If nobody answers, somebody else must be asked. Add `within`; when it is over the run says so.",
		Bad: `
- approve: {text: Take email offline now, roles: [commander]}
`,
		Good: `
- approve: {text: Take email offline now, roles: [commander], within: 15m}
`,
	},
	{
		ID: ApprovalQuestion, Severity: runbook.Warning, Title: "an approval that does not say of what",
		Explanation: "Whoever is woken up to say yes must read what happens then. Add `text`, or a `title` to the step.",
		Bad: `
- approve: {roles: [commander], within: 15m}
`,
		Good: `
- approve: {text: Take email offline now, roles: [commander], within: 15m}
`,
	},
	{
		ID: NoTitle, Severity: runbook.Warning, Title: "a runbook without a title",
		Explanation: "The title is what people choose by, and the first thing that a run shows. Say what the runbook brings about.",
		Bad: `
irctl: v1
name: mail-down
owner: oncall@example.com
steps:
  - wait: 10s
`,
		Good: `
irctl: v1
name: mail-down
title: Take email offline
owner: oncall@example.com
steps:
  - wait: 10s
`,
	},
	{
		ID: NoOwner, Severity: runbook.Warning, Title: "a runbook without an owner",
		Explanation: "A runbook that nobody keeps true is wrong when it is needed. `owner` says whom to ask.",
		Bad: `
irctl: v1
name: mail-down
title: Take email offline
steps:
  - wait: 10s
`,
		Good: `
irctl: v1
name: mail-down
title: Take email offline
owner: oncall@example.com
steps:
  - wait: 10s
`,
	},
	{
		ID: BeyondObjective, Severity: runbook.Warning, Title: "a time limit longer than the run's objective",
		Explanation: "`objective` says how soon the run should be over. A single step that may take longer than that has a limit that helps nobody.",
		Bad: `
objective: 30m
steps:
  - approve: {text: Take email offline now, roles: [commander], within: 1h}
`,
		Good: `
objective: 30m
steps:
  - approve: {text: Take email offline now, roles: [commander], within: 15m}
`,
	},
	{
		ID: PathBeyondObjective, Severity: runbook.Warning, Title: "steps that together may take longer than the objective",
		Explanation: "The limits of the steps that follow each other, waits and approvals included, add up to more than `objective`. Of branches the longest counts, of a loop one pass, of a retry one attempt; what says no limit does not count.",
		Bad: `
objective: 30m
steps:
  - approve: {text: Take email offline now, roles: [commander], within: 20m}
  - wait: 15m
`,
		Good: `
objective: 30m
steps:
  - approve: {text: Take email offline now, roles: [commander], within: 10m}
  - wait: 15m
`,
	},
	{
		ID: WaitLimit, Severity: runbook.Warning, Title: "a condition that is waited for without a limit",
		Explanation: "What never comes true is waited for until somebody notices. Add `for` with the most to wait.",
		Bad: `
- wait: {until: "${{ env.portal_state == 'closed' }}", every: 30s}
`,
		Good: `
- wait: {until: "${{ env.portal_state == 'closed' }}", every: 30s, for: 1h}
`,
	},
}
