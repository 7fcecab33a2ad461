package cacao

import "github.com/irctl/irctl/pkg/runbook"

// BindingsTable is the keys of a binding file.
func BindingsTable() runbook.Table { return bindingsTable }

var bindingsTable = runbook.NewTable(append(runbook.Header(BindingsKind),
	runbook.Key{Name: "bindings", Required: true, Example: "{bash: {__code__: {from: exit}}}",
		Forms:       runbook.Entries(runbook.AnyName, runbook.Entries(runbook.AnyName, runbook.AMapping(sourceTable)...)...),
		Description: "For a step, by its id, or for a type of command: where the values of its out_args come from."},
)...)

var sourceTable = runbook.NewTable(
	runbook.Key{Name: "from", Required: true, Forms: runbook.AWord(sources...), Example: "stdout",
		Description: "Which part of the result holds the value."},
	runbook.Key{Name: "name", Forms: runbook.AText(), Example: "X-Case",
		Description: "With header: the header's name."},
	runbook.Key{Name: "path", Forms: runbook.AText(), Example: "$.verdict",
		Description: "With json: where the value stands, as a JSONPath (RFC 9535)."},
	runbook.Key{Name: "pattern", Forms: []runbook.Form{{Shape: runbook.PatternShape}}, Example: "'id=([0-9]+)'",
		Description: "With regex: what is looked for, in RE2; the first group is the value, or the whole match."},
	runbook.Key{Name: "command", Forms: []runbook.Form{{Shape: runbook.WholeShape, Least: 1, Most: 1000}}, Default: "the last", Example: "1",
		Description: "Which of the step's commands gives the value, counted from 1."},
)
