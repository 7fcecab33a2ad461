// Package anchor has others remember how far a log had come, so that whoever
// owns this machine tomorrow cannot tell another story of today.
//
// What is anchored is a checkpoint of a run's log (C2SP tlog-checkpoint). An
// anchor gives a [Receipt], which lies beside the journal and is checked without
// asking anybody:
//
//   - a witness (C2SP tlog-witness) cosigns what it has seen to be consistent.
//     It must know a log before and by one key. Runs are many, and their keys
//     change; so each account keeps a [Log] of its own in a home, of which each leaf
//     is a checkpoint that was anchored, and its receipt is a proof (C2SP
//     tlog-proof) that leads from there to the witness's signature.
//   - a time-stamp authority (RFC 3161) signs the digest together with the time.
//
// A folder, a command, or a system that takes messages gives nothing that
// could be checked here: its receipt says what was handed over and when, and
// whoever keeps it must be asked.
//
// Nothing here is secret except the key of the home's log. Its loss lets
// others add leaves, not take any away that a witness has seen.
//
// Files, in reading order: cosignature.go (keys and signatures of witnesses),
// policy.go (whose signatures count), log.go (the home's log), witness.go,
// timestamp.go, place.go (what an environment names), receipt.go.
package anchor
