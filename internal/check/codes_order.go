package check

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// flowCodes are what the review says of the ways through a runbook.
var flowCodes = []language.Code{
	{
		ID: Unreachable, Severity: runbook.Warning, Title: "a step that is never reached",
		Explanation: "The step before it always ends the run or goes on elsewhere, also when it is skipped, and no jump leads here. Most often `when` is missing on that step.",
		Bad: `
- stop: {succeed: Nothing was taken.}
- wait: 10m
`,
		Good: `
- stop: {succeed: Nothing was taken.}
  when: ${{ env.portal_state == 'closed' }}
- wait: 10m
`,
	},
	{
		ID: ConstantCondition, Severity: runbook.Warning, Title: "a condition that never changes",
		Explanation: "Steps behind it never run, or always do. Most often it was written to try something out.",
		Bad: `
- wait: 10m
  when: false
`,
		Good: `
- wait: 10m
  when: ${{ env.portal_state == 'closed' }}
`,
	},
	{
		ID: LoopLimit, Severity: runbook.Warning, Title: "a loop without a bound",
		Explanation: "If the condition stays true, the loop goes on for ever. Add `max_iterations`, or `timeout` on the loop or a step around it.",
		Bad: `
- set: {left: 3}
- while: ${{ vars.left > 0 }}
  do: [{set: {left: "${{ vars.left - 1 }}"}}]
`,
		Good: `
- set: {left: 3}
- while: ${{ vars.left > 0 }}
  max_iterations: 10
  do: [{set: {left: "${{ vars.left - 1 }}"}}]
`,
	},
	{
		ID: JumpLimit, Severity: runbook.Warning, Title: "a jump back that nothing ends",
		Explanation: "A jump back is a loop. Without a person in it or a `timeout` around it, it may go on for ever. Use `while` with `max_iterations`, put the steps into a `steps` step with `timeout`, or ask a person on the way.",
		Bad: `
- id: look
  uses: http
  with: {url: "https://status.example.com/"}
  on_failure: {next: pause}
  next: report
- {id: pause, wait: 30s, next: look}
- {id: report, stop: {succeed: The portal answers.}}
`,
		Good: `
- id: look
  uses: http
  with: {url: "https://status.example.com/"}
  retry: {attempts: 20, delay: 30s}
- {id: report, stop: {succeed: The portal answers.}}
`,
	},
	{
		ID: SameTarget, Severity: runbook.Warning, Title: "parallel branches that change the same system",
		Explanation: "Branches run at once, in no order. Two that change one system leave it as whichever came last. The same action with different inputs is not reported, nor what only goes through the system, such as two messages.",
		Bad: `
- parallel:
    - {uses: account.disable, target: directory, with: {account: alice}}
    - {uses: account.enable, target: directory, with: {account: alice}}
`,
		Good: `
- parallel:
    - {uses: account.disable, target: directory, with: {account: alice}}
    - {uses: account.disable, target: directory, with: {account: bob}}
`,
	},
	{
		ID: SamePasses, Severity: runbook.Warning, Title: "passes of a loop that do the same thing at once",
		Explanation: "With `max_parallel` several passes run at once. A step that does not depend on the loop's item does the same to the same system in each of them. Use the item, or move the step out of the loop.",
		Bad: `
- foreach: [alice, bob]
  as: account
  max_parallel: 2
  do: [{uses: account.disable, target: directory, with: {account: alice}}]
`,
		Good: `
- foreach: [alice, bob]
  as: account
  max_parallel: 2
  do: [{uses: account.disable, target: directory, with: {account: "${{ account }}"}}]
`,
	},
}

// orderCodes are what the review says of the order of steps, of texts, and of
// comments that silence it.
var orderCodes = []language.Code{
	{
		ID: MailOffline, Severity: runbook.Warning, Title: "people are told by mail that was taken offline",
		Explanation: "The message goes through the mail system that an earlier step has suspended, or through one that cannot be told from it. Tell people by a way that does not depend on what is contained.",
		Bad: `
- uses: email.suspend
  target: corporate-mail
  verify: true
- uses: notify.email
  target: corporate-mail
  with: {to: [staff@example.com], subject: We are offline, body: Please call.}
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
  verify: true
- uses: notify.email
  target: out-of-band-mail
  with: {to: [staff@example.com], subject: We are offline, body: Please call.}
`,
	},
	{
		ID: TargetOffline, Severity: runbook.Warning, Title: "a step that needs what an earlier step took offline",
		Explanation: "The step works through a system that does not answer any more. Do it before, or by way of another system. Steps that work on the system itself, such as ending its sessions, are not reported.",
		Bad: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
  verify: true
- uses: notify.webhook
  target: portal
  with: {text: We are offline on purpose.}
`,
		Good: `
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
  verify: true
- uses: notify.webhook
  target: war-room
  with: {text: We are offline on purpose.}
`,
	},
	{
		ID: EvidenceLate, Severity: runbook.Warning, Title: "evidence is kept after it is gone",
		Explanation: "A session that was ended shows nothing any more: who was there, from where, doing what. Keep evidence first; it takes minutes.",
		Bad: `
- uses: sessions.revoke
  target: portal-sessions
  with: {account: alice}
- uses: evidence.collect
  target: cases
  with: {case: C-1, name: sessions, files: [/var/log/portal.log]}
`,
		Good: `
- uses: evidence.collect
  target: cases
  with: {case: C-1, name: sessions, files: [/var/log/portal.log]}
- uses: sessions.revoke
  target: portal-sessions
  with: {account: alice}
`,
	},
	{
		ID: SessionsFirst, Severity: runbook.Warning, Title: "sessions end before the way in is closed",
		Explanation: "A session that is ended while the old password still works is opened again a second later. Replace the password or disable the account first, then end the sessions.",
		Bad: `
- uses: sessions.revoke
  target: portal-sessions
  with: {account: alice}
- uses: credentials.rotate
  target: directory
  with: {account: alice}
`,
		Good: `
- uses: credentials.rotate
  target: directory
  with: {account: alice}
- uses: sessions.revoke
  target: portal-sessions
  with: {account: alice}
`,
	},
	{
		ID: MessageBlocks, Severity: runbook.Warning, Title: "a message whose failure stops containment",
		Explanation: "A chat room that does not answer would keep the run from what it is for. Add `on_failure: continue`, or a `fallback` that a person can do.",
		Bad: `
- uses: notify.webhook
  target: war-room
  with: {text: We go offline now.}
- uses: email.suspend
  target: corporate-mail
  verify: true
`,
		Good: `
- uses: notify.webhook
  target: war-room
  with: {text: We go offline now.}
  on_failure: continue
- uses: email.suspend
  target: corporate-mail
  verify: true
`,
	},
	{
		ID: MixedAlphabets, Severity: runbook.Warning, Title: "a word that mixes alphabets",
		Explanation: "A Cyrillic or Greek letter inside a Latin word cannot be told from a Latin one by eye, but leads to another host, account or file. Reported anywhere in the file.",
		Bad:         "- manual: Open https://b\u0430nk.example.com and look.\n",
		Good:        "- manual: Open https://bank.example.com and look.\n",
	},
	{
		ID: Placeholder, Severity: runbook.Warning, Title: "something that is still to be filled in",
		Explanation: "`TODO`, `FIXME`, `TBD` or `XXX` stands where somebody will need a number or a name. Comments may hold them.",
		Bad: `
- manual: Call the bank on TODO.
`,
		Good: `
- manual: Call the bank on +1 555 0123. # TODO: ask for a second number
`,
	},
	{
		ID: IgnoreUnclear, Severity: runbook.Warning, Title: "a comment that ignores nothing clear",
		Explanation: "`# irctl: ignore CODE the reason` silences a warning of the line, of the line below, or of the step that begins there. It names a warning and says why; errors cannot be ignored.",
		Bad: `
- wait: 10m # irctl: ignore IR0118 we know
`,
		Good: `
- manual: Call the bank. # irctl: ignore IR0310 IR0311 whoever is on call does it at once
`,
	},
	{
		ID: IgnoredInVain, Severity: runbook.Warning, Title: "a comment that ignores what is not reported",
		Explanation: "The warning is gone, or the comment stands at another line. Left behind, it would silence the next mistake.",
		Bad: `
- wait: 10m # irctl: ignore IR0310 it needs nobody
`,
		Good: `
- wait: 10m
`,
	},
	{
		ID: TooMuchToReview, Severity: runbook.Warning, Title: "too many warnings",
		Explanation: "The list of warnings was cut off. Correct the first ones; the rest often goes with them.",
		Unshown:     "an example would have more than 200 other warnings",
	},
}
