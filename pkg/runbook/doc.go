// Package runbook is the language of runbooks.
//
// [Parse] reads a runbook: bytes to a [Runbook], whose every word keeps its
// place, and [Diagnostics], all of them at once. [Render] shows diagnostics to
// people. Nothing is resolved here: what names mean, and whether expressions
// have the right types, is for others to check.
//
// Other files of irctl are YAML under the same rules. [ParseTree] reads any of
// them as a tree of [Value]s, and a [Decoder] turns a tree into something
// typed: mappings with known keys, names, durations, with the same words for
// the same mistakes.
//
// YAML is read defensively: bounded size, depth and number of values; one
// document; no anchors, aliases, merge keys or tags; no key twice; and only
// such numbers and booleans as every reader of YAML takes for the same.
//
// [RunbookTable], [StepTable] and the [Table]s that hang from them are the keys
// of the language as data: what the parser knows, for schemas and help.
//
// Files, in reading order: span.go and value.go (the tree), ast.go (the
// runbook), diagnostic.go, codes.go, codes_yaml.go, codes_language.go and render.go (what is wrong); then
// guard.go, invisible.go, source.go, scalar.go, tree.go and syntax.go (bytes to tree);
// decode.go, names.go and suggest.go (tree to types); key.go, language.go and
// stepkeys.go (the keys); parse.go, step.go, control.go, body.go and inputs.go
// (types to runbook).
package runbook
