package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/irctl/irctl/pkg/journal"
)

// Poll is how often Follow and Await look for something new.
const Poll = 100 * time.Millisecond

// maxFile bounds a document of a run in memory.
const maxFile = 64 << 20

// Reader reads a run, driven or not, without its lock, and changes nothing.
type Reader struct {
	id     string
	dir    string
	fs     FS
	driven func() (Owner, bool, error)
	sleep  func(time.Duration)
	torn   bool
	lost   error
	file   string // the archive that it was unpacked from
	owner  string
}

// Archive is the file that this was unpacked from, "" of a run with a folder.
func (r *Reader) Archive() string { return r.file }

// Owner is the account to which the run's folder or archive in a shared home
// belongs: nobody else can have put it there. It is "" of any other.
func (r *Reader) Owner() string { return r.owner }

// Unsigned says, once Audit came to its end, why nobody can sign checkpoints of
// the run any more; nil if somebody can, or it never had any.
func (r *Reader) Unsigned() error { return r.lost }

// HasSecret reports whether the file of the secret that signs is there.
func (r *Reader) HasSecret() bool {
	_, err := r.fs.Lstat(filepath.Join(r.dir, ratchetName))
	return err == nil
}

// Reader returns a reader of a run.
func (s *Store) Reader(id string) (*Reader, error) {
	if err := s.exists(id); err != nil {
		return nil, err
	}
	return &Reader{id: id, dir: s.Folder(id), fs: s.fs, driven: func() (Owner, bool, error) { return s.Driven(id) }, sleep: s.sleep, owner: s.belongs(s.Folder(id))}, nil
}

// May reports whether a run may be about something that its journal would name,
// for whoever looks through many runs: most are not. One whose journal cannot be
// read, or lacks its end, may be, and why it cannot be read its reader says.
func (s *Store) May(id string, about func(journal []byte) bool) bool {
	head, _, err := acknowledged(s.fs, s.Folder(id)) // before the journal: see openVerifying
	if err != nil || head == nil {
		return true
	}
	data, err := read(s.fs, filepath.Join(s.Folder(id), journalName), maxJournal)
	return err != nil || !bytes.Contains(data, []byte(head.Hash)) || about(data)
}

// JournalSize is how many bytes the journal of a run has, and when it was last
// written.
func (s *Store) JournalSize(id string) (int64, time.Time, error) {
	info, err := s.fs.Lstat(filepath.Join(s.Folder(id), journalName))
	if err != nil {
		return 0, time.Time{}, cannot("read run "+id, err)
	}
	return info.Size(), info.ModTime(), nil
}

// maxJournal bounds a journal in memory.
const maxJournal = 1 << 30

// Driven reports whether a process drives the run. Nobody drives a copy.
func (r *Reader) Driven() (bool, error) {
	_, driven, err := r.driven()
	return driven, err
}

// ID returns the run's id.
func (r *Reader) ID() string { return r.id }

// Files returns the documents that the run was made from.
func (r *Reader) Files() (Files, error) {
	var f Files
	for _, file := range []struct {
		name string
		data *[]byte
	}{{runbookName, &f.Runbook}, {planName, &f.Plan}, {environmentName, &f.Environment}} {
		data, err := read(r.fs, filepath.Join(r.dir, file.name), maxFile)
		if errors.Is(err, fs.ErrNotExist) && file.name == environmentName {
			continue
		}
		if err != nil {
			return Files{}, cannot("read run "+r.id, err)
		}
		*file.data = data
	}
	return f, nil
}

// Document returns one of the further documents, by its digest. Whether it
// still has that digest is for the caller to say. The error wraps
// fs.ErrNotExist if there is no such document.
func (r *Reader) Document(digest string) ([]byte, error) {
	if !isDigest(digest) {
		return nil, cannot("read run "+r.id, fs.ErrNotExist)
	}
	data, err := read(r.fs, filepath.Join(r.dir, documentPrefix+digest), maxFile)
	return data, cannot("read run "+r.id, err)
}

// LastCheckpoint returns the line of the last checkpoint of a run, nil if there is
// none, by looking at the end of its journal. It verifies nothing.
func (s *Store) LastCheckpoint(id string) ([]byte, error) {
	f, err := s.fs.OpenFile(filepath.Join(s.Folder(id), journalName), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, cannot("read run "+id, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, cannot("read run "+id, err)
	}
	for window := int64(64 << 10); ; window *= 16 {
		from := max(0, info.Size()-window)
		data := make([]byte, info.Size()-from)
		if _, err := f.ReadAt(data, from); err != nil && err != io.EOF {
			return nil, cannot("read run "+id, err)
		}
		lines := bytes.Split(data, []byte{'\n'})
		if from > 0 {
			lines = lines[1:]
		}
		for _, line := range slices.Backward(lines) {
			if journal.IsCheckpoint(line) {
				return line, nil
			}
		}
		if from == 0 || window >= 2*journal.MaxLine {
			return nil, nil
		}
	}
}

// Head returns the last entry that anyone was told is durable. It reports
// false if there is no readable record of it.
func (r *Reader) Head() (journal.Head, bool) {
	head, _, err := acknowledged(r.fs, r.dir)
	if err != nil || head == nil {
		return journal.Head{}, false
	}
	return *head, true
}

// verifying reads a journal by the head file beside it.
type verifying struct {
	*journal.Scanner
	file File
	ack  journal.Head // zero if there is no readable record
	turn int64        // of the next record
}

// openVerifying opens the journal in a folder; the caller closes its file. With
// something given, even if it is empty, checkpoints are looked at, too. The head is read first: a driver may be appending, and the journal must hold at
// least what the head says. A journal that is not there, or is no file, reads as
// an empty one.
func openVerifying(fsys FS, dir string, given *journal.Given) (*verifying, error) {
	ack, turn, err := acknowledged(fsys, dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, journalName)
	f, err := fsys.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if info, failed := fsys.Stat(name); errors.Is(err, fs.ErrNotExist) || failed == nil && !info.Mode().IsRegular() {
		if err == nil {
			_ = f.Close()
		}
		f, err = nothing{}, nil
	}
	if err != nil {
		return nil, err
	}
	scanner := journal.NewScanner(f, ack)
	if given != nil {
		scanner = journal.NewAuditor(f, ack, *given)
	}
	v := &verifying{Scanner: scanner, file: f, turn: turn}
	if ack != nil {
		v.ack = *ack
	}
	return v, nil
}

// goingOn returns what makes the entries after those that were read, and why it
// makes no checkpoints if the journal has some. It comes after Report, and judges
// the journal by the secret beside it.
func (v *verifying) goingOn(fsys FS, dir string, report *journal.Report) (log *journal.Log, lost, err error) {
	file, err := read(fsys, filepath.Join(dir, ratchetName), journal.RatchetSize)
	denied := errors.Is(err, fs.ErrPermission) // it is another account's
	if err != nil && !denied && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(unfit)) {
		return nil, nil, err
	}
	if log, lost = v.Log(file); denied {
		return log, nil, nil
	}
	if errors.Is(lost, journal.ErrAhead) && (report.Verdict == journal.Intact || report.Verdict == journal.Torn) {
		report.Verdict = journal.Truncated
		report.Findings = append(report.Findings, journal.Finding{Seq: report.Entries + 1, Offset: v.End(), Kind: journal.Older, Problem: "the secret beside the journal has signed checkpoints that are not in it: an older copy of the journal was put back, or its end and the record of it were cut off"})
	}
	return log, lost, nil
}

// nothing is the journal that is not there.
type nothing struct{ File }

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

func (nothing) Close() error { return nil }

// acknowledged reads the head file: the last entry that anyone was told is
// durable, nil if there is no readable record, and the turn of the next one.
func acknowledged(fsys FS, dir string) (*journal.Head, int64, error) {
	file, err := read(fsys, filepath.Join(dir, headName), headSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(unfit)) {
		return nil, 0, err
	}
	head, turn, ok := journal.DecodeHead(file)
	if !ok {
		return nil, turn, nil
	}
	return &head, turn, nil
}

// unverified is what a verdict means for whoever needs the whole journal: nil
// if it is all there, torn or not.
func unverified(id string, report journal.Report) error {
	switch report.Verdict {
	case journal.Intact, journal.Torn:
		return nil
	case journal.Truncated:
		return &TruncatedError{id, report}
	}
	return &AlteredError{id, report}
}

// Entries yields the entries of the journal that verify, and then an error if
// that is not all: an [AlteredError] or a [TruncatedError]. A torn tail is left
// out, as Drive leaves it out: another process may be writing it, and if none
// is, nobody was told of it. An entry is valid until the next one is asked for.
func (r *Reader) Entries() iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		v, err := openVerifying(r.fs, r.dir, nil)
		if err != nil {
			yield(journal.Entry{}, cannot("read run "+r.id, err))
			return
		}
		defer func() { _ = v.file.Close() }()
		for v.Scan() {
			if !yield(v.Entry(), nil) {
				return
			}
		}
		report, err := v.Report()
		r.torn = report.Verdict == journal.Torn
		if err = cannot("read run "+r.id, err); err == nil {
			err = unverified(r.id, report)
		}
		if err != nil {
			yield(journal.Entry{}, err)
		}
	}
}

// Torn reports, once Entries came to its end, whether a write that was
// interrupted, or is under way, left something after the last entry.
func (r *Reader) Torn() bool { return r.torn }

// Follow yields what Entries yields and then, for as long as the context
// lasts, new lines as they are written. It looks at each tick; nil stands for
// one every [Poll]. It ends without an error when the context does.
//
// A line is shown when it is whole, which can be a moment before it is
// durable. If the disk then fails and the line is taken back, Follow ends with
// [ErrTakenBack] and the caller starts again.
func (r *Reader) Follow(ctx context.Context, tick <-chan time.Time) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		if tick == nil {
			ticker := time.NewTicker(Poll)
			defer ticker.Stop()
			tick = ticker.C
		}
		f, err := r.fs.OpenFile(filepath.Join(r.dir, journalName), os.O_RDONLY|nonblock, 0)
		if err != nil {
			yield(journal.Entry{}, cannot("read run "+r.id, err))
			return
		}
		defer func() { _ = f.Close() }()
		at, offset := journal.Genesis(), int64(0) // the last entry, and where the next begins
		for {
			more, err := r.grow(f, &at, &offset, yield)
			if !more {
				return
			}
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-tick:
			}
		}
	}
}

// ErrTakenBack says that lines which Follow had yielded could not be made
// durable and are no longer in the journal.
var ErrTakenBack = errors.New("the journal became shorter: its last entries were taken back")

// grow yields the entries that were added since the last look.
func (r *Reader) grow(f File, at *journal.Head, offset *int64, yield func(journal.Entry, error) bool) (more bool, err error) {
	ack, _, err := acknowledged(r.fs, r.dir) // before the size: see openVerifying
	if err != nil {
		return true, cannot("read run "+r.id, err)
	}
	info, err := f.Stat()
	if err != nil {
		return true, cannot("read run "+r.id, err)
	}
	switch {
	case info.Size() < *offset:
		return true, fmt.Errorf("run %s: %w", r.id, ErrTakenBack)
	case info.Size() == *offset && at.Seq > 0:
		return true, nil
	}
	s := at.NewScanner(io.NewSectionReader(f, *offset, info.Size()-*offset), *offset, ack)
	for s.Scan() {
		e := s.Entry()
		*at, *offset = s.Head(), s.End()
		if !yield(e, nil) {
			return false, nil
		}
	}
	report, err := s.Report()
	if err != nil {
		return true, cannot("read run "+r.id, err)
	}
	return true, unverified(r.id, report)
}

// Verify is [Reader.Audit] with nothing given.
func (r *Reader) Verify() (journal.Report, error) {
	report, _, err := r.Audit(journal.Given{}, nil)
	return report, err
}

// Audit judges the journal as journal.Audit does, with the run's own record
// of what was acknowledged. While a driver is writing, a look may fall into
// the middle of a write; then Audit looks again. begin is called at each look and
// returns who is told of its entries; it may be nil.
func (r *Reader) Audit(given journal.Given, begin func() (each func(journal.Entry))) (journal.Report, journal.Seals, error) {
	for try := 1; ; try++ {
		var each func(journal.Entry)
		if begin != nil {
			each = begin()
		}
		report, seals, err := r.judge(given, each)
		if err != nil || report.Verdict == journal.Intact || try == lockTries {
			return report, seals, cannot("verify run "+r.id, err)
		}
		_, driven, err := r.driven()
		if errors.As(err, new(unfit)) {
			return report, seals, nil // nobody can hold it
		}
		if err != nil || !driven {
			return report, seals, cannot("verify run "+r.id, err)
		}
		r.sleep(lockPause)
	}
}

// Prove proves one entry of the journal, as journal.Prove does.
func (r *Reader) Prove(seq int64) (*journal.Proof, error) {
	ack, _, err := acknowledged(r.fs, r.dir)
	if err != nil {
		return nil, cannot("read run "+r.id, err)
	}
	f, err := r.fs.OpenFile(filepath.Join(r.dir, journalName), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, cannot("read run "+r.id, err)
	}
	defer func() { _ = f.Close() }()
	return journal.Prove(f, ack, seq)
}

func (r *Reader) judge(given journal.Given, each func(journal.Entry)) (journal.Report, journal.Seals, error) {
	v, err := openVerifying(r.fs, r.dir, &given)
	if err != nil {
		return journal.Report{}, journal.Seals{}, err
	}
	report, err := v.All(each)
	if err == nil {
		_, r.lost, err = v.goingOn(r.fs, r.dir, &report)
	}
	return report, v.Seals(), errors.Join(err, v.file.Close())
}

// Artifact opens what an entry refers to by digest. The caller closes it.
func (r *Reader) Artifact(digest string) (File, error) {
	if !isDigest(digest) {
		return nil, fmt.Errorf("%q is not the digest of an artifact", digest)
	}
	f, _, err := openRegular(r.fs, filepath.Join(r.dir, artifactsName, digest))
	return f, cannot("read an artifact of run "+r.id, err)
}
