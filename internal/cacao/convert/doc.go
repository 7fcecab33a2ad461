// Package convert translates between runbooks and CACAO 2.0 playbooks.
//
// [Export] writes a runbook as a playbook, [Import] a playbook as a runbook.
// Both are pure: documents in, a document out, and a list of what the other
// language has no word for. A playbook that Export wrote carries its runbook;
// Import takes that one only if exporting it again gives the same plan, so
// that what a person reads in the playbook is what is imported.
//
// [Keep] and [Unchanged] are for runbooks that were imported: what goes along
// when they are exported again, and whether they still are what was imported.
//
// Files, in reading order: export.go (a runbook becomes a playbook), steps.go
// and body.go (each kind of step), condition.go, variables.go and words.go
// (what expressions and values become), extension.go (what the standard has
// no word for), graph.go, ids.go and json.go (how it is written); import.go (a
// playbook becomes a runbook), origin.go (one of our own), rows.go (a graph of jumps becomes lists),
// tasks.go and commands.go (each kind of step), stix.go, scopes.go (conditions
// and variables), yaml.go (how it is written); kept.go and unchanged.go.
package convert
