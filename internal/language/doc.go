// Package language reads the files of irctl.
//
// [Parse] reads a runbook: bytes to a [runbook.Runbook], whose every word keeps
// its place, and diagnostics, all of them at once. Other files of irctl are YAML
// under the same rules: [ParseTree] reads any of them as a tree of values, and a
// [Decoder] turns a tree into something typed: mappings with known keys, names,
// durations, with the same words for the same mistakes.
//
// YAML is read defensively: bounded size, depth and number of values; one
// document; no anchors, aliases, merge keys or tags; no key twice; and only
// such numbers and booleans as every reader of YAML takes for the same.
//
// [RunbookTable], [StepTable] and the [Table]s that hang from them are the keys
// of the language as data: what the parser knows, for schemas and help.
//
// Files, in reading order: codes.go (what is wrong); foreign.go (files of others); guard.go, invisible.go, source.go,
// scalar.go, tree.go, syntax.go and resume.go (bytes to tree); decode.go, mapping.go and names.go (tree to types); key.go, language.go
// and stepkeys.go (the keys); parse.go, step.go, control.go, body.go and
// inputs.go (types to runbook); yaml.go (data to YAML); plain.go (YAML of other tools
// to data).
package language
