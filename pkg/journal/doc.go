// Package journal chains entries by hash so that any change to them shows.
//
// A journal is a file of lines. [Seal] makes the next line from the head of
// the chain and one JSON object; [Verify] reads a journal and says in a
// [Report] whether it is what was written. [Log] and [Audit] do the same for a
// journal whose tree is signed. The package knows bytes and hashes only: not what
// an entry means, but for those that sign, not where a file lies.
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
// # The tree and its checkpoints
//
// The lines, without their newlines, are the leaves of a Merkle tree ([Tree],
// RFC 6962). At times the writer ([Log]) adds an entry that covers all before
// it with a signature:
//
//	{"seq":8,"time":"...","type":"checkpoint_signed","note":"...","next_key":"..."}
//
// The note is a checkpoint (c2sp.org/tlog-checkpoint) in the form of
// c2sp.org/signed-note: the origin "irctl/" and the id of the run, the number of
// entries before this one, the root of the tree over them, and one Ed25519
// signature. No more than [MaxUnsigned] entries stand between two of them. One may
// be signed beside the writing of what it covers, and come with the entries after
// that ([Next]): a crash in between loses it alone, because its secret is stepped
// on no earlier, and signs what the next driver adds.
//
// Each checkpoint has a key of its own. The first entry announces those of the
// first two as log_keys, and each checkpoint that of the one after the next as
// next_key. So a key is announced in a part of the tree that the signature before
// its own covers. The secrets are a ratchet ([Ratchet]): a seed is the SHA-256 of
// the text "irctl: the next seed of a log\n" and the seed before it, and the one
// that was used is written over as soon as its checkpoint is durable. If the
// secret is lost, an entry log_restarted announces two new keys.
//
// What this proves. Who knows one of the public keys, from a place outside the
// folder, knows that everything that the last checkpoint of its ratchet covers
// is what was written when it was signed: whoever reads the secret later can
// sign what follows, and nothing that went before. A fingerprint ([Fingerprint])
// proves the same of the entries that it counts, whoever holds the secret.
//
// What it does not prove. Without a key, a fingerprint or another copy, nothing:
// a journal, its head, its secret and its keys can all be made anew. With a key
// alone, not that the end is there: a journal that was cut behind a checkpoint is
// one that has not gone on. Not what was written after the last checkpoint, or
// by somebody who had the secret while the run went on. And a secret that was
// written over is on the disk until the operating system writes the file back:
// the writer need not wait for that after each checkpoint, and package store
// does so when a run is given up. After a loss of power in between, the file
// may hold one that signed before; whoever reads it then, before the run is
// driven on, can sign anew what came after that one's checkpoint, and nothing
// before. And a secret may remain in blocks of the disk that a solid state disk or a
// file system that copies on write has put elsewhere, in snapshots, in backups,
// and in the memory of the process; from there the past can be signed anew.
//
// # The verdicts
//
//   - [Intact]: nothing speaks against it: every byte is as the chain and the
//     checkpoints say, and the end is where the record of it says.
//   - [Torn]: intact, then bytes that are no entry and that nobody was told
//     of: a write that a crash interrupted.
//   - [Truncated]: intact as far as it goes, but an entry that was
//     acknowledged is missing from the end, or it cannot be shown that none is.
//   - [Altered]: some entry is not what was written.
//
// Where several hold, the graver one is reported: altered before truncated
// before torn. A [Finding] says more exactly what was done, as far as that can
// be told ([Kind]).
//
// Files, in reading order: seal.go (writing an entry), head.go (the record of
// the end), scan.go (lines), verify.go (entries that verify, and the verdict),
// tree.go, checkpoint.go (what is signed), ratchet.go (with what), log.go
// (writing entries and checkpoints), audit.go (checkpoints that verify, and what
// is held against them), prove.go (one entry, to somebody without the journal),
// fingerprint.go (what people read to each other).
package journal
