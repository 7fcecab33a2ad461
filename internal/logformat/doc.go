// Package logformat writes the events of a run as other systems read logs.
//
// [New] takes a format of [Names] and where to write; [Writer.Observe] writes an
// event at once, so that a journal of any length is a stream, and
// [Writer.Flush] ends it. What irctl says of an event is one table (fields.go),
// with the name that each format has for it; an event of a type that is not
// known here is written with its whole line for a text.
//
//   - jsonl: the lines of the journal, byte for byte.
//   - csv: RFC 4180, every cell quoted, and no text that a spreadsheet takes for
//     a formula, also where it parts cells by semicolons.
//   - cef: ArcSight Common Event Format, version 0 (revision 26).
//   - ocsf: Open Cybersecurity Schema Framework 1.3.0, class Remediation Activity
//     (7001) with the profile host: what an attempt at remediating a compromised
//     network did, by whom, and how it ended.
//   - ecs: Elastic Common Schema 8.11, events of the category configuration.
//   - markdown: a table of GitHub Flavored Markdown, of text without any markup.
//
// Files, in reading order: fields.go (what there is to say), writer.go (how each
// format says it).
package logformat
