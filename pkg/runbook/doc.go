// Package runbook is what a runbook says, with places.
//
// A [Runbook] is read by pkg/runbook/parser: every word of it keeps its place in
// the file ([Text], [Value], [Span]). [Diagnostics] are what is wrong with a
// file, all of it at once, and [Render] shows them to people. Nothing is
// resolved: what names mean, and whether expressions have the right types, is
// for others to check.
//
// Files, in reading order: span.go and value.go (places and values), ast.go (the
// runbook), diagnostic.go and render.go (what is wrong).
package runbook
