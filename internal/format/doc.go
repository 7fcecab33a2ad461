// Package format writes irctl's files the way they are best read: [Source]
// takes a file and returns the same file, indented by two spaces, keys in
// their usual order, one space where one is enough, no two empty lines.
//
// It never changes what a file means. Texts and numbers stay as they are
// written, quotes included; comments go where what they stand above goes. What
// it wrote is read again and compared with what it was given, value by value
// and comment by comment, and formatted once more, which must change nothing;
// otherwise the file is refused and left alone.
//
// yaml.v3 can write YAML, too, but not what it has read: it moves comments,
// changes quotes and breaks lines. So a file is cut at the places that its
// tree knows, and put together again.
//
// Files, in reading order: format.go (Source), block.go (what a file is cut
// into), cut.go (cutting), scalar.go and flow.go (pieces that stay as they
// are), order.go (keys), write.go (putting together), same.go (the proof).
package format
