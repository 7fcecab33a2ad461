// Package journal chains entries by hash so that any change to them shows.
//
// A journal is a file of lines. [Seal] makes the next line from the head of
// the chain and one JSON object; [Verify] reads a journal and says in a
// [Report] whether it is what was written. The package knows bytes and hashes
// only: not what an entry means, not where a file lies.
//
// # The format
//
// An entry is one line that ends with a newline:
//
//	{"seq":7,<the fields of the body>,"hash":"<64 lowercase hex digits>"}
//
// The hash is SHA-256 over the text of the previous entry's hash and the exact
// bytes of the line before `,"hash":`. The entry before the first has 64 zeros
// for a hash ([Genesis]). Because the hash is the last field and has a fixed
// length, a verifier finds it by counting from the end of the line: it slices
// bytes and compares text, and never decodes and encodes again. Nothing in a
// line can change without its hash, and no hash without all that follow.
//
// # The end
//
// A chain alone cannot show that its end was cut off. So the writer keeps,
// beside the journal, a record of the last entry that anyone was told is
// durable ([DecodeHead]), and Verify is given it. What follows
// that entry may be incomplete after a crash; what precedes it may not.
//
// # The verdicts
//
//   - [Intact]: every byte is as it was written, and the end is there.
//   - [Torn]: intact, then bytes that are no entry and that nobody was told
//     of: a write that a crash interrupted.
//   - [Truncated]: intact as far as it goes, but an entry that was
//     acknowledged is missing from the end, or it cannot be shown that none is.
//   - [Altered]: some entry is not what was written.
//
// Where several hold, the graver one is reported: altered before truncated
// before torn.
//
// Files, in reading order: seal.go (writing an entry), head.go (the record of
// the end), scan.go (lines), verify.go (entries that verify, and the verdict).
package journal
