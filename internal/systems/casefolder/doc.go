// Package casefolder keeps investigations as folders that people can read
// without irctl: [Open] names the place, [Store.Create] begins a case,
// [Store.Case] finds one, [Case.Note] and [Case.Close] write to it, and
// [Case.Collection] takes evidence into it.
//
//	CASES/CASE-2026-11-23-8ZK3QD/
//	  case.md              what it is about, and whether it is open
//	  timeline.md          what happened, oldest first; only ever appended to
//	  evidence/SHA256SUMS  for sha256sum -c, run inside evidence/
//	  evidence/NAME/       one collection: its files and its manifest.json
//
// Everything is durable when a method returns nil. Nothing is ever deleted,
// and evidence is never overwritten. A lock file beside the cases lets several
// processes write; each entry carries the idempotency key of the step that
// wrote it, in a comment, so that a repetition is seen. Text from outside is
// escaped, so that it can forge neither markup nor such a comment. Within a
// case every path is opened through os.Root and cannot leave the case.
//
// Files, in reading order: store.go, case.go, markdown.go, collection.go,
// copy.go, target.go.
package casefolder
