package runbook

import "slices"

// Code is what a diagnostic's code means, in more words than fit below a line.
// Codes are stable: one that is no longer used is not given away again.
// IR01xx are about the language; other packages have tables of their own.
type Code struct {
	ID          string // "IR0104"
	Title       string
	Explanation string // what is behind it, and what to do
}

// Codes returns the codes of this package, sorted.
func Codes() []Code { return slices.Clone(codes) }

var codes = []Code{
	{"IR0101", "file too large", "A file holds at most 1 MiB. Split a longer runbook: a step with `run: NAME` carries out another runbook, hands it inputs and takes its outputs."},
	{"IR0102", "a character that is not allowed", "Files are UTF-8 without a byte order mark. Control characters, lone carriage returns and characters that reverse the direction of text are refused, because they can make a file read otherwise than it is. Inside double quotes they can be written as escapes."},
	{"IR0103", "not valid YAML", "The text breaks YAML's rules. Most often it is indentation, a colon or a bracket inside a text without quotes, or a quote that is not closed. In { } and [ ], put ${{ }} in quotes."},
	{"IR0104", "unknown key", "The key is not part of the language at this place. Nothing is ignored: a misspelt `on_failure` would otherwise be found out in the middle of an incident."},
	{"IR0105", "key given twice", "A mapping holds every key once. Readers of YAML differ in which of the two they would take."},
	{"IR0106", "anchor, alias or merge key", "A runbook reads from top to bottom: what a step does stands at the step. Steps that are needed twice go into a runbook of their own that both places `run`."},
	{"IR0107", "tag", "Types come from the language, never from YAML tags such as !!str. Quotes make a text of anything."},
	{"IR0108", "more than one document", "A file holds one document. A line with `---` in the middle begins another; give it a file of its own."},
	{"IR0109", "too many values, or nested too deep", "A file holds at most 100,000 values, 20,000 keys in one mapping, and 64 levels of nesting. Split it into runbooks that call each other with `run`."},
	{"IR0110", "value of the wrong shape", "A text stands where a list or mapping is needed, or the other way round. A text that holds `: ` or begins with `{` or `[` needs quotes."},
	{"IR0111", "missing key", "Something that the language needs here is not given."},
	{"IR0112", "missing header", "Every file begins with `irctl: v1`, so that a later irctl knows how to read it, and other YAML is not taken for a runbook."},
	{"IR0113", "unknown version", "The file is written in a version of the language that this irctl does not know."},
	{"IR0114", "wrong kind of file", "`kind` says what a file is: a runbook (the default), an environment, a test or a scenario."},
	{"IR0115", "key that is not a text", "A key is a word before a colon. An unquoted ${{ }} inside { } looks like a key to YAML; put it in quotes."},
	{"IR0116", "empty value", "A key without a value says nothing. Give it one or remove the line."},
	{"IR0117", "not true or false", "Only `true` and `false` are booleans. `yes`, `no`, `on` and `off` are texts, because readers of YAML disagree about them."},
	{"IR0118", "malformed number, duration, time or pattern", "Numbers are decimal digits without leading zeros or underscores. Durations have units: 90s, 15m, 2h30m. Times are RFC 3339: 2026-03-01T14:30:00Z. Patterns are RE2."},
	{"IR0119", "malformed name", "Runbooks, steps and targets are named in lower case with hyphens (`open-case`); inputs, outputs, variables and loop names in lower case with underscores (`case_id`), because they stand in expressions."},
	{"IR0120", "step that does nothing", "Every step has exactly one key that says what it does: `uses`, `manual`, `approve`, `wait`, `set`, `run`, `parallel`, `if`, `switch`, `while`, `foreach`, `steps` or `stop`."},
	{"IR0121", "step that does several things", "A step does one thing, so that it is clear what failed and what can be undone. Make it several steps. For a condition on a step use `when`."},
	{"IR0122", "key that makes no sense here", "The key exists but has no effect on this kind of step, or contradicts another key."},
	{"IR0123", "unknown word", "The place takes one of a few words, and this is none of them."},
	{"IR0124", "too many problems", "The list of problems was cut off. Correct the first ones; the rest often goes with them."},
}
