// Package convert translates between runbooks and CACAO 2.0 playbooks.
//
// [Export] writes a runbook as a playbook.
//
// Files, in reading order: export.go (a runbook becomes a playbook), steps.go
// and body.go (each kind of step), condition.go, variables.go and words.go
// (what expressions and values become), extension.go (what the standard has
// no word for), kept.go, ids.go, graph.go and json.go (how it is written).
package convert
