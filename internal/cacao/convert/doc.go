// Package convert translates between runbooks and CACAO 2.0 playbooks.
//
// [Translate] makes a runbook of a playbook, with the places of the playbook,
// so that it is checked, planned and run as every runbook is. [Import] writes
// that runbook as YAML. [Export] writes a runbook as a playbook, which carries
// the runbook; Import takes that one only if exporting it again gives the same
// plan, so that what a person reads in the playbook is what is imported. All
// are pure: documents in, a document out, and what is wrong or lost.
//
// [Unchanged] is for runbooks that were imported: whether they still are what
// was imported.
//
// Files, in reading order: translate.go (a playbook becomes a runbook),
// rows.go (a graph of jumps becomes lists), flow.go, actions.go and calls.go
// (each kind of step), scope.go (conditions and variables); import.go, origin.go (a playbook of our own) and yaml.go (how it is
// written); export.go (a runbook becomes a playbook), steps.go and body.go
// (each kind of step), condition.go, variables.go and words.go (what
// expressions and values become), extension.go (what the standard has no word
// for), graph.go and ids.go (the whole of it); tree.go (how both are made);
// kept.go and unchanged.go.
package convert
