package cacao

import "github.com/irctl/irctl/internal/language"

// BindingsTable is the keys of a binding file.
func BindingsTable() language.Table { return bindingsTable }

var bindingsTable = language.NewTable(append(language.Header(BindingsKind),
	language.Key{Name: "bindings", Required: true, Example: "{bash: {__code__: {from: exit}}}",
		Forms:       language.Entries(language.AnyName, language.Entries(language.AnyName, language.AMapping(sourceTable)...)...),
		Description: "For a step, by its id, or for a type of command: where the values of its out_args come from."},
)...)

var sourceTable = language.NewTable(
	language.Key{Name: "from", Required: true, Forms: language.AWord(sources...), Example: "stdout",
		Description: "Which part of the result holds the value."},
	language.Key{Name: "name", Forms: language.AText(), Example: "X-Case",
		Description: "With header: the header's name."},
	language.Key{Name: "path", Forms: language.AText(), Example: "$.verdict",
		Description: "With json: where the value stands, as a JSONPath (RFC 9535)."},
	language.Key{Name: "pattern", Forms: []language.Form{{Shape: language.PatternShape}}, Example: "'id=([0-9]+)'",
		Description: "With regex: what is looked for, in RE2; the first group is the value, or the whole match."},
	language.Key{Name: "command", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1000}}, Default: "the last", Example: "1",
		Description: "Which of the step's commands gives the value, counted from 1."},
)
