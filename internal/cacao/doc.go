// Package cacao reads CACAO Security Playbooks 2.0 (OASIS, Committee
// Specification 01 of 27 November 2023).
//
// [Parse] reads a playbook: bytes to a [Playbook], whose every word keeps its
// place, and all that is wrong with it by itself. [ParseBindings] reads the file
// beside a playbook that says where the results of its commands come from.
//
// [Gates] says why a playbook must not run now, [Playbook.Acting] what the
// environment has to know. What a playbook becomes is package convert's to say.
//
// The official schemas let much pass that the standard's text forbids, and
// refuse a little that it allows. schema.json goes by the text.
//
// Files, in reading order: playbook.go (the types), json.go and scan.go (bytes
// to a tree), standard.go (the schema, and what it refuses), schema.go (in
// words), parse.go (tree to types); walk.go (steps in the order in which they
// can be reached), check.go, commands.go, variables.go, conditions.go, failure.go
// and summary.go (what is wrong); bindings.go; gates.go and
// acting.go.
package cacao
