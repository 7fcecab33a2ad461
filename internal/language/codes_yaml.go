package language

import "github.com/irctl/irctl/pkg/runbook"

// yamlCodes are findings in the text of a file, whatever it is about.
var yamlCodes = []Code{
	{
		ID: "IR0101", Severity: runbook.Error, Title: "file too large",
		Explanation: "A file holds at most 1 MiB. Split a longer runbook: a step with `run: NAME` carries out another runbook, hands it inputs and takes its outputs.",
		Unshown:     "an example would be larger than a mebibyte",
	},
	{
		ID: "IR0102", Severity: runbook.Error, Title: "a character that is not allowed",
		Explanation: "Files are UTF-8 without a byte order mark. Control characters, lone carriage returns, invisible characters and characters that reverse the direction of text are refused, because they can make a file read otherwise than it is. Inside double quotes they can be written as escapes.",
		Bad:         "- manual: Call the \u202Eksed ecivres\u202C.\n",
		Good:        "- manual: Call the service desk.\n",
	},
	{
		ID: "IR0103", Severity: runbook.Error, Title: "not valid YAML",
		Explanation: "The text breaks YAML's rules. Most often it is indentation, a colon or a bracket inside a text without quotes, or a quote that is not closed. In { } and [ ], put ${{ }} in quotes.",
		Bad: `
- manual: Tell them: the portal is down
`,
		Good: `
- manual: "Tell them: the portal is down"
`,
	},
	{
		ID: "IR0104", Severity: runbook.Error, Title: "unknown key",
		Explanation: "The key is not part of the language at this place. Nothing is ignored: a misspelt `on_failure` would otherwise be found out in the middle of an incident.",
		Bad: `
- id: tell
  manual: Tell the team.
  timeuot: 5m
`,
		Good: `
- id: tell
  manual: Tell the team.
  timeout: 5m
`,
	},
	{
		ID: "IR0105", Severity: runbook.Error, Title: "key given twice",
		Explanation: "A mapping holds every key once. Readers of YAML differ in which of the two they would take.",
		Bad: `
- manual: Call the bank.
  owner: finance@example.com
  owner: oncall@example.com
`,
		Good: `
- manual: Call the bank.
  owner: finance@example.com
`,
	},
	{
		ID: "IR0106", Severity: runbook.Error, Title: "anchor, alias or merge key",
		Explanation: "A runbook reads from top to bottom: what a step does stands at the step. Steps that are needed twice go into a runbook of their own that both places `run`.",
		Bad: `
- uses: email.suspend
  target: corporate-mail
  retry: &patient {attempts: 3, delay: 2s}
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
  retry: *patient
`,
		Good: `
- uses: email.suspend
  target: corporate-mail
  retry: {attempts: 3, delay: 2s}
- uses: website.suspend
  target: portal
  with: {message: We are offline on purpose.}
  retry: {attempts: 3, delay: 2s}
`,
	},
	{
		ID: "IR0107", Severity: runbook.Error, Title: "tag",
		Explanation: "Types come from the language, never from YAML tags such as !!str. Quotes make a text of anything.",
		Bad: `
- manual: !!str 112
`,
		Good: `
- manual: "112"
`,
	},
	{
		ID: "IR0108", Severity: runbook.Error, Title: "more than one document",
		Explanation: "A file holds one document. A line with `---` in the middle begins another; give it a file of its own.",
		Bad: `
- manual: Call the bank.
---
irctl: v1
`,
		Good: `
- manual: Call the bank.
`,
	},
	{
		ID: "IR0109", Severity: runbook.Error, Title: "too many values, or nested too deep",
		Explanation: "A file holds at most 60,000 values, 100,000 lines, 20,000 keys in one mapping, and 64 levels of nesting; a runbook at most 12,000 steps. Split it into runbooks that call each other with `run`.",
		Unshown:     "an example would have 64 levels of nesting",
	},
	{
		ID: "IR0110", Severity: runbook.Error, Title: "value of the wrong shape",
		Explanation: "A text stands where a list or mapping is needed, or the other way round. A text that holds `: ` or begins with `{` or `[` needs quotes.",
		Bad: `
- approve:
    text: Go offline?
    roles: {commander: true}
`,
		Good: `
- approve:
    text: Go offline?
    roles: [commander]
`,
	},
	{
		ID: "IR0111", Severity: runbook.Error, Title: "missing key",
		Explanation: "Something that the language needs here is not given.",
		Bad: `
irctl: v1
title: A runbook without a name
steps:
  - manual: Call the bank.
`,
		Good: `
irctl: v1
name: call-bank
title: A runbook with a name
steps:
  - manual: Call the bank.
`,
	},
	{
		ID: "IR0112", Severity: runbook.Error, Title: "missing header",
		Explanation: "Every file begins with `irctl: v1`, so that a later irctl knows how to read it, and other YAML is not taken for a runbook.",
		Bad: `
name: call-bank
steps:
  - manual: Call the bank.
`,
		Good: `
irctl: v1
name: call-bank
steps:
  - manual: Call the bank.
`,
	},
	{
		ID: "IR0113", Severity: runbook.Error, Title: "unknown version",
		Explanation: "The file is written in a version of the language that this irctl does not know.",
		Bad: `
irctl: v9
name: call-bank
steps:
  - manual: Call the bank.
`,
		Good: `
irctl: v1
name: call-bank
steps:
  - manual: Call the bank.
`,
	},
	{
		ID: "IR0114", Severity: runbook.Error, Title: "wrong kind of file",
		Explanation: "`kind` says what a file is: a runbook (the default), an environment, a test or a scenario.",
		Bad: `
irctl: v1
kind: runboook
name: call-bank
steps:
  - manual: Call the bank.
`,
		Good: `
irctl: v1
kind: runbook
name: call-bank
steps:
  - manual: Call the bank.
`,
	},
	{
		ID: "IR0115", Severity: runbook.Error, Title: "key that is not a text",
		Explanation: "A key is a word before a colon. An unquoted ${{ }} inside { } looks like a key to YAML; put it in quotes.",
		Bad: `
- set:
    [a, b]: yes
`,
		Good: `
- set:
    a_and_b: "yes"
`,
	},
	{
		ID: "IR0116", Severity: runbook.Error, Title: "empty value",
		Explanation: "A key without a value says nothing. Give it one or remove the line.",
		Bad: `
- manual: Call the bank.
  owner:
`,
		Good: `
- manual: Call the bank.
  owner: finance@example.com
`,
	},
}
