// Package report is what happened in an incident, for people who were not there.
//
// [Make] turns the accounts of its runs into a [Report]: everything in it is text
// or a number, in the order in which it is read. [Report.Redact] takes out what a
// file of rules names. [Report.Write] writes it as one HTML page that needs nothing
// else, as Markdown, as JSON, or by somebody's own template.
//
// Texts from outside are cleaned here and escaped by the templates; the page has
// no script, asks nobody for anything, and says so to the browser.
//
// Files, in reading order: report.go, chart.go (steps over time), redact.go,
// write.go; report.html and report.md are the templates.
package report
