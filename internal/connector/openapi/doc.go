// Package openapi reads what a vendor publishes about an HTTP interface: an
// OpenAPI description, version 3.0 or 3.1 (spec.openapis.org/oas).
//
// [Read] takes a file whole; [Document.Slice] cuts out some operations with what
// they refer to, and nothing that only people read. On such a slice
// [Document.Find] tells which operation a request is, [Operation.Request] and
// [Operation.Answer] what of an exchange is not as described, and
// [Document.Drift] what a newer description says differently. References may go
// round in a circle, or to nowhere: where nothing is described nothing is checked,
// and [Document.Loose] says so.
//
// Files, in reading order: read.go, grammar.go (what may stand where), slice.go,
// find.go, exchange.go, xml.go, schema.go (what fits),
// drift.go, skeleton.go (a connector to begin with).
package openapi
