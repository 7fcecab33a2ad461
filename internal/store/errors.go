package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/journal"
)

// NotFoundError says that no run has an id that begins with Prefix. Prefix is
// empty if there are no runs at all.
type NotFoundError struct{ Prefix string }

func (e *NotFoundError) Error() string {
	if e.Prefix == "" {
		return "there are no runs yet; start one with: irctl run RUNBOOK"
	}
	return fmt.Sprintf("there is no run %q; see the runs with: irctl list", e.Prefix)
}

// ArchivedError says that a run has no folder any more, and lies in an archive.
type ArchivedError struct{ Run, File string }

func (e *ArchivedError) Error() string {
	return "run " + e.Run + " is archived, so that it can only be read; to act on it, make it a run again"
}

// NoHomeError says that nobody knows where runs are kept.
type NoHomeError struct{}

func (*NoHomeError) Error() string {
	return "this account has no home folder that could hold runs; name one with --home or IRCTL_HOME"
}

// AmbiguousError says that several runs have ids that begin with Prefix.
type AmbiguousError struct {
	Prefix  string
	Matches []string // newest first
}

func (e *AmbiguousError) Error() string {
	shown := e.Matches[:min(len(e.Matches), 3)]
	return fmt.Sprintf("%d runs begin with %q, among them %s; give more characters of the id", len(e.Matches), e.Prefix, strings.Join(shown, ", "))
}

// LockedError says that another process drives the run. PID is 0 if it did
// not say who it is.
type LockedError struct {
	Run string
	Owner
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("another process drives run %s", e.Run)
	}
	return fmt.Sprintf("run %s is driven by process %d on %s since %s", e.Run, e.PID, e.Host, e.Since.UTC().Format(time.RFC3339))
}

// AlteredError says that the journal of a run is not what was written. The
// run must not go on: what it says was done may not have been.
type AlteredError struct {
	Run    string
	Report journal.Report
}

func (e *AlteredError) Error() string {
	return fmt.Sprintf("the journal of run %s was altered: %s", e.Run, first(e.Report))
}

// TruncatedError says that the end of a run's journal is missing, or that it
// cannot be shown to be there. The run must not go on: it would do again what
// the missing entries say was done.
type TruncatedError struct {
	Run    string
	Report journal.Report
}

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("the end of the journal of run %s is missing: %s", e.Run, first(e.Report))
}

func first(r journal.Report) string {
	if len(r.Findings) == 0 {
		return string(r.Verdict)
	}
	return r.Findings[0].Problem
}

// AppendError says that an entry could not be made durable. Nothing follows
// it: every later Append of the same Run returns it again.
type AppendError struct {
	Run  string
	Last int64 // number of the last durable, acknowledged entry
	Full bool  // the disk is full
	Err  error
}

func (e *AppendError) Error() string {
	var touched *TouchedError
	if errors.As(e.Err, &touched) {
		return fmt.Sprintf("%v: entry %d of run %s was not recorded. Everything up to entry %d is safe, and nothing was done after it. See what became of the journal with: irctl audit verify %s",
			touched, e.Last+1, e.Run, e.Last, e.Run)
	}
	what, remedy := "the journal cannot be written", "Once it can be written again, go on"
	if e.Full {
		what, remedy = "the disk is full", "Make room on it, then go on"
	}
	return fmt.Sprintf("%s: entry %d of run %s was not recorded (%v). Everything up to entry %d is safe, and nothing was done after it. %s with: irctl resume %s",
		what, e.Last+1, e.Run, e.Err, e.Last, remedy, e.Run)
}

func (e *AppendError) Unwrap() error { return e.Err }

// TouchedError says that the journal of a run that this process drives was
// changed, moved or replaced by somebody else.
type TouchedError struct {
	How string // "it is no longer in its folder"
}

func (e *TouchedError) Error() string {
	return "somebody else touched the journal while this process held it (" + e.How + ")"
}

// StorageError says that something other than an entry could not be written.
type StorageError struct {
	Doing string // "create run 01J..."
	Full  bool   // the disk is full
	Err   error
	Then  string // what this means and what to do, if it can be said
}

func (e *StorageError) Error() string {
	text := fmt.Sprintf("cannot %s: %v", e.Doing, e.Err)
	if e.Full {
		text = fmt.Sprintf("cannot %s, because the disk is full: %v", e.Doing, e.Err)
	}
	if e.Then != "" {
		text += ". " + e.Then
	}
	return text
}

func (e *StorageError) Unwrap() error { return e.Err }

// cannot wraps what went wrong while doing something; nil stays nil.
func cannot(doing string, err error) error { return cannotSo(doing, err, "") }

// cannotSo is cannot with the consequence and the remedy.
func cannotSo(doing string, err error, then string) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*StorageError); ok { // says more exactly what failed
		doing, err = inner.Doing, inner.Err
	}
	return &StorageError{Doing: doing, Full: diskFull(err), Err: err, Then: then}
}

// UnsafeError says that other accounts may write in a folder that a run lies
// in, so that its journal would prove nothing.
type UnsafeError struct {
	Folder string
	Mode   fs.FileMode
	Share  string // the command that would make a shared home of it, "" if it is no home
}

func (e *UnsafeError) Error() string {
	if e.Share != "" {
		return fmt.Sprintf("other accounts may write in %s (mode %s), so they could change a run; use another folder, or: chmod go-w %s; or have an administrator make it a home that its group shares: %s", e.Folder, e.Mode, e.Folder, e.Share)
	}
	return fmt.Sprintf("other accounts may write in %s (mode %s), so they could change a run; use another folder, or: chmod go-w %s", e.Folder, e.Mode, e.Folder)
}

// AccountError says that a folder that a run lies in is another account's.
// Whoever drives a run does what its plan says with his own rights, so a run is
// driven by the account that it belongs to.
type AccountError struct {
	Folder string
	Owner  string // name of the account
	Self   string // name of the account that irctl runs as
	Run    string // in a shared home the id of a run, which is to be driven
}

func (e *AccountError) Error() string {
	if e.Run != "" {
		return fmt.Sprintf("run %s belongs to %s, who alone drives it, and this is %s; ask %s for: irctl resume %s. What you ask of it (approve, reject, done, note, pause, cancel ...) waits for that", e.Run, e.Owner, e.Self, e.Owner, e.Run)
	}
	return fmt.Sprintf("%s belongs to %s, and this is %s; become %s (sudo -u %s), or use a folder of your own with --home or IRCTL_HOME", e.Folder, e.Owner, e.Self, e.Owner, e.Owner)
}

// MemberError says that a group shares a home, and that this account does not
// act for it.
type MemberError struct {
	Folder string
	Group  string
	Self   string // name of the account that irctl runs as
}

func (e *MemberError) Error() string {
	return fmt.Sprintf("%s is shared by the group %s, for which %s does not act; use a folder of your own with --home or IRCTL_HOME, or have an administrator type: sudo usermod -aG %s %s; that counts once %s has signed in anew", e.Folder, e.Group, e.Self, e.Group, e.Self, e.Self)
}

// SharedError says that a home which a group shares is not safe for that.
type SharedError struct {
	Folder string
	Why    string
	Make   string // the command with which an administrator puts it right
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("%s is shared, and %s; have an administrator type: %s", e.Folder, e.Why, e.Make)
}

// OthersHaltError says that another account halted a shared home.
type OthersHaltError struct{ By, File string }

func (e *OthersHaltError) Error() string {
	return fmt.Sprintf("%s halted everything, so %s lifts that (irctl halt --lift), or an administrator: sudo rm %s", e.By, e.By, e.File)
}
