package language

import "github.com/irctl/irctl/pkg/runbook"

// languageCodes are findings about the words of the language.
var languageCodes = []Code{
	{
		ID: "IR0117", Severity: runbook.Error, Title: "not true or false",
		Explanation: "Only `true` and `false` are booleans. `yes`, `no`, `on` and `off` are texts, because readers of YAML disagree about them.",
		Bad: `
- approve: {text: Take email offline, roles: [commander], not_requester: yes}
`,
		Good: `
- approve: {text: Take email offline, roles: [commander], not_requester: true}
`,
	},
	{
		ID: "IR0118", Severity: runbook.Error, Title: "malformed number, duration, time or pattern",
		Explanation: "Numbers are decimal digits without leading zeros or underscores. Durations have units: 90s, 15m, 2h30m. Times are RFC 3339: 2026-03-01T14:30:00Z. Patterns are RE2.",
		Bad: `
- wait: 10 minutes
`,
		Good: `
- wait: 10m
`,
	},
	{
		ID: "IR0119", Severity: runbook.Error, Title: "malformed name",
		Explanation: "Runbooks, steps and targets are named in lower case with hyphens (`open-case`); inputs, outputs, variables and loop names in lower case with underscores (`case_id`), because they stand in expressions.",
		Bad: `
- id: Call_Bank
  manual: Call the bank.
`,
		Good: `
- id: call-bank
  manual: Call the bank.
`,
	},
	{
		ID: "IR0120", Severity: runbook.Error, Title: "step that does nothing",
		Explanation: "Every step has exactly one key that says what it does: `uses`, `manual`, `approve`, `wait`, `set`, `run`, `parallel`, `if`, `switch`, `while`, `foreach`, `steps` or `stop`.",
		Bad: `
- id: call-bank
  title: Call the bank
`,
		Good: `
- id: call-bank
  manual: Call the bank.
`,
	},
	{
		ID: "IR0121", Severity: runbook.Error, Title: "step that does several things",
		Explanation: "A step does one thing, so that it is clear what failed and what can be undone. Make it several steps. For a condition on a step use `when`.",
		Bad: `
- manual: Call the bank.
  wait: 10m
`,
		Good: `
- manual: Call the bank.
- wait: 10m
`,
	},
	{
		ID: "IR0122", Severity: runbook.Error, Title: "key that makes no sense here",
		Explanation: "The key exists but has no effect on this kind of step, or contradicts another key.",
		Bad: `
- manual: Call the bank.
  retry: {attempts: 3}
`,
		Good: `
- manual: Call the bank.
  timeout: 30m
`,
	},
	{
		ID: "IR0123", Severity: runbook.Error, Title: "unknown word",
		Explanation: "The place takes one of a few words, and this is none of them.",
		Bad: `
- manual: Call the bank.
  on_failure: ignore
`,
		Good: `
- manual: Call the bank.
  on_failure: continue
`,
	},
	{
		ID: "IR0124", Severity: runbook.Error, Title: "too many problems",
		Explanation: "The list of problems was cut off. Correct the first ones; the rest often goes with them.",
		Unshown:     "an example would have more than 200 other problems",
	},
}
