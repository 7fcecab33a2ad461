package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
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
}

// Reader returns a reader of a run.
func (s *Store) Reader(id string) (*Reader, error) {
	if err := s.exists(id); err != nil {
		return nil, err
	}
	return &Reader{id, s.Folder(id), s.fs, func() (Owner, bool, error) { return s.Driven(id) }, s.sleep}, nil
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

// Head returns the last entry that anyone was told is durable. It reports
// false if there is no readable record of it.
func (r *Reader) Head() (journal.Head, bool) {
	file, err := read(r.fs, filepath.Join(r.dir, headName), headSize)
	if err != nil {
		return journal.Head{}, false
	}
	head, _, ok := journal.DecodeHead(file)
	return head, ok
}

// Entries yields the whole lines of the journal, not verified, and then an
// error if there was one. An incomplete last line is left out: another process
// may be writing it. A line is valid until the next one is asked for.
func (r *Reader) Entries() iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		f, err := r.openJournal()
		if err != nil {
			yield(journal.Entry{}, err)
			return
		}
		defer func() { _ = f.Close() }()
		s := journal.NewScanner(f)
		for s.Scan() {
			if !yield(s.Entry(), nil) {
				return
			}
		}
		if s.Err() != nil {
			yield(journal.Entry{}, cannot("read run "+r.id, s.Err()))
		}
	}
}

func (r *Reader) openJournal() (File, error) {
	f, err := r.fs.OpenFile(filepath.Join(r.dir, journalName), os.O_RDONLY|nonblock, 0)
	return f, cannot("read run "+r.id, err)
}

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
		f, err := r.openJournal()
		if err != nil {
			yield(journal.Entry{}, err)
			return
		}
		defer func() { _ = f.Close() }()
		var at journal.Entry // the last line, and where the next begins
		for {
			more, err := r.grow(f, &at, yield)
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

// grow yields the lines that were added since the last look.
func (r *Reader) grow(f File, at *journal.Entry, yield func(journal.Entry, error) bool) (more bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return true, cannot("read run "+r.id, err)
	}
	switch {
	case info.Size() < at.Offset:
		return true, fmt.Errorf("run %s: %w", r.id, ErrTakenBack)
	case info.Size() == at.Offset:
		return true, nil
	}
	s := journal.NewScannerAt(io.NewSectionReader(f, at.Offset, info.Size()-at.Offset), *at)
	for s.Scan() {
		if !yield(s.Entry(), nil) {
			return false, nil
		}
		at.Seq = s.Entry().Seq
		at.Offset = s.Tail().Offset
	}
	return true, cannot("read run "+r.id, s.Err())
}

// Verify judges the journal as journal.Verify does, with the run's own record
// of what was acknowledged. While a driver is writing, a look may fall into
// the middle of a write; then Verify looks again. isClosed may be nil.
func (r *Reader) Verify(isClosed func(before bool, line []byte) bool) (journal.Report, error) {
	for try := 1; ; try++ {
		report, err := r.judge(isClosed)
		if err != nil || report.Verdict == journal.Intact || try == lockTries {
			return report, cannot("verify run "+r.id, err)
		}
		if _, driven, err := r.driven(); err != nil || !driven {
			return report, cannot("verify run "+r.id, err)
		}
		r.sleep(lockPause)
	}
}

func (r *Reader) judge(isClosed closed) (journal.Report, error) {
	report, _, _, err := verify(r.fs, r.dir, func(journal.Head) closed { return isClosed })
	return report, err
}

// Artifact opens what an entry refers to by digest. The caller closes it.
func (r *Reader) Artifact(digest string) (File, error) {
	if !isDigest(digest) {
		return nil, fmt.Errorf("%q is not the digest of an artifact", digest)
	}
	f, err := r.fs.OpenFile(filepath.Join(r.dir, artifactsName, digest), os.O_RDONLY|nonblock, 0)
	return f, cannot("read an artifact of run "+r.id, err)
}
