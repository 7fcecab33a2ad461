// Package recording keeps what a person does in a shell as a file: [Record] runs a
// command on a terminal of its own and writes what it shows, with the times, as
// asciicast version 2 (docs.asciinema.org/manual/asciicast/v2), line by line,
// without secrets. [Whole] says of a file whether the recording came to its end.
//
// [Create] makes that file, and [Left] finds those whose irctl was killed.
//
// Files, in reading order: record.go (the terminal), cast.go (the file), mask.go
// (what must not stand in it), folder.go (where it lies).
package recording
