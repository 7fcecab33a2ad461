// Package store keeps runs on disk.
//
// [Open] names a folder. A process that is to carry out a run has it made by
// [Store.Create], or takes it over with [Store.Drive]; either gives it a [Run]
// and the run's lock. It then calls [Run.Append] before it does anything, and
// [Run.Close] at the end. Everybody else reads with [Store.Reader], at any
// time and without the lock, and asks the driver for something with
// [Store.Send] and [Store.Await]. The store knows bytes, not events: a
// caller compares [Files.Digests] with what the first entry says.
//
//	<root>/runs/<ULID>/
//	    journal.jsonl     the run: sealed entries, only ever appended to
//	    head              the last acknowledged entry, in two slots
//	    ratchet           the secret that signs the next checkpoint; in no archive
//	    runbook.yaml plan.json environment.yaml    what the run was made from
//	    document-<SHA-256>    what else it was made from
//	    owner             who drives the run: the lock is on the journal itself
//	    place             on which machine, by which account, from which file
//	    inbox/ replies/   requests to the driver, and its answers
//	    artifacts/        raw output, named by its SHA-256
//	    work/             for actions: what they kept to be undone
//	    anchor-<name>.json    what others gave who remember how far it had come
//	    tail-<n>.torn     what interrupted writes left, set aside
//	<root>/index index.key    what lists remember of runs; may be removed
//
// Folders have mode 0700 and files 0600.
//
// A home may be shared by a group (shared.go says its form). Then a run is still
// driven by the account that started it alone, and what stands above of "the
// account" holds for each of them: the others of the group may read its journal,
// documents and artifacts (0640 in folders of 2750), not its secret and its work,
// and add to its inbox (3770), whence the driver copies evidence before it counts.
// Who asks is whose file a request is, in every home. The lock of a driver is then
// on a file that only its account can open. Each account has an index and a log for witnesses of its own;
// whoever halted the home, or root, lifts that; each archives its own runs.
//
// # One driver
//
// The journal itself is locked. Before each write its driver makes sure that
// the locked file still has its name in the folder and ends where it left it: a
// journal that was replaced, moved, or written to by somebody else stops the
// driver. An older irctl locked a file named lock; where there is one, it is
// locked as well.
//
// A run is driven by the account that its folder belongs to, in a place that no
// other account can change ([AccountError], [UnsafeError]), on the machine and
// from the file on which it was driven before ([ElsewhereError], [Place]).
// Whoever knows that nobody drives the original takes it over
// ([Store.TakeOver]).
//
// # What is assumed of the disk
//
// A write that ended with a successful sync survives a loss of power, and so
// does a rename after its folder was synced. A sync that failed promises
// nothing, not even if the next one succeeds. Bytes that were never synced may
// be there or not, in any order, in whole sectors of at least 512 bytes; where
// they are not, the file is shorter or holds zeros, never someone else's
// bytes. Bytes that were synced are not damaged by writing others. A rename
// is all or nothing. The lock of flock(2) ends with its process. The folder is
// on a local disk; on some network file systems the lock and the sync mean
// nothing. When only the process dies, what it wrote is in the hands of the
// operating system, synced or not.
//
// # Every point at which it can end
//
// Create makes the run in a folder named .new-<ULID>, which no reader takes
// for a run, syncs each file and the folder, and renames it.
//
//   - Before the rename: there is no run. The leftover folder harms nobody, and
//     is removed when a run is made a week later.
//   - After it: the run has its documents, its first entry and its head. The
//     rename itself may be lost with the power until the folder above is
//     synced; nobody was told of the run yet.
//
// Append is one write at the end of the journal, one sync, and then a write
// into the head file, which is not synced. It returns after all three. If there
// is a checkpoint among the entries, a write into the file of the ratchet
// follows, which is not synced either.
//
//   - During the write: the journal ends with some whole new entries and then
//     part of one. None was acknowledged. The part is a torn tail; Drive copies
//     it into a file, syncs that, and cuts it off. The whole ones count: they
//     are facts, and only their consequences were not drawn yet.
//
//   - Between write and sync, or sync and head: the new entries are whole and
//     not acknowledged. They count. Drive writes them once more over
//     themselves and syncs, because they may be in memory only and an earlier
//     sync may have failed on them.
//
//   - During the write of the head: one slot is spoilt. It held the record
//     before the last one; the other slot holds the last one, which is in the
//     journal.
//
//   - After it: done. If the power goes before the head reaches the disk, the
//     head is older than the journal, never newer, because it is written only
//     after the sync. An older head weakens one thing: the entries since could
//     be cut off without a trace until the next Append or Drive.
//
//   - Before the secret of the ratchet reaches the disk: it is older than the
//     journal announces, and Drive steps it on. It is never newer, because it is
//     written only after the sync; a newer one shows that the journal was put
//     back. The file has one slot in one sector, so that the old secret is gone
//     once the operating system has written it back, which Close waits for. If the
//     power goes before that, an older secret is there until the run is driven on:
//     the entries since its checkpoint could be signed anew with it.
//
// If the write or the sync fails while the process lives, the journal is cut
// back to the last acknowledged entry and the Run is broken for good: no
// entry, no action. If the cut fails too, the case is the one of a crash at
// that point. If writing the head fails, it is read back: only if it still
// holds the old record is the journal cut, or else the head could be ahead
// of the journal, which would look like a journal whose end was removed.
//
// Drive, when it dies, has changed nothing that the next Drive does not do
// again: the copy of a torn tail is complete before the tail is cut off, the
// same tail is not copied twice, and a tail is reported by [Run.SetAside] until
// an entry of the journal names its file.
//
// An artifact is synced and renamed before Artifact returns, so before the
// entry that refers to it. Requests, replies and the owner record are renamed
// into place but not synced: who waits for an answer is told only after the
// entry is durable, and everything else about them ends with the machine. Drafts
// of any of these, answers that nobody took, and evidence that no request names
// any more are removed a week later by whoever drives the run.
//
// Files, in reading order: store.go (which runs there are), create.go,
// halt.go, run.go (appending), headfile.go, drive.go (taking a run), lock.go, secure.go
// and shared.go (whose folders they are), place.go (where a run belongs), reader.go, index.go
// (what lists remember), archive.go and pack.go (copies), sweep.go (leftovers), inbox.go, artifact.go,
// deposit.go and receipt.go, errors.go, fs.go (the seam to the file system), and what each
// operating system knows: fs_unix.go, fs_windows.go, machine_linux.go,
// machine_darwin.go, machine_windows.go.
// The package storetest makes that seam fail.
package store
