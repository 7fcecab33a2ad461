// Package cacao reads CACAO Security Playbooks 2.0 (OASIS, Committee
// Specification 01 of 27 November 2023) and lowers them to the plans that
// runbooks are lowered to.
//
// [Parse] reads a playbook: bytes to a [Playbook], whose every word keeps its
// place, and all that is wrong with it by itself. [Is] tells whether a file is
// meant as a playbook at all.
//
// [Lower] makes a plan of a playbook without errors, with its [Bindings] and
// the playbooks that it calls. [Gates] says why it must not run now,
// [Playbook.Acting] what the environment has to know.
//
// The official schemas let much pass that the standard's text forbids, and
// refuse a little that it allows. This package goes by the text.
//
// Files, in reading order: playbook.go (the types), codes.go (what can be
// wrong), json.go (bytes to a tree), reader.go, parse.go and steps.go (tree to
// types); walk.go (steps in the order in which they can be reached), check.go,
// commands.go, variables.go, conditions.go and summary.go (what is wrong);
// bindings.go, bindingkeys.go, lower.go, lowersteps.go, loweractions.go, lowercalls.go,
// lowervars.go, static.go and failure.go (types to a plan); gates.go, acting.go and
// readable.go (a plan for people).
package cacao
