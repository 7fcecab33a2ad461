package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/irctl/irctl/pkg/journal"
)

// Run is a run that this process drives: it holds the lock. Its methods may be
// called from several goroutines; entries stand in the order of the calls.
type Run struct {
	id    string
	dir   string
	fs    FS
	mode  fs.FileMode // of files that others of the home may read
	held  locks
	from  *ElsewhereError // where it was driven before, nil if here
	tails []Tail

	mu       sync.Mutex
	journal  File
	mine     fs.FileInfo // of journal, as it was opened
	headFile File
	ratchet  File         // nil if there is none
	log      *journal.Log // makes the next entries
	lost     error        // why nobody can sign checkpoints any more, nil if somebody can or never could
	head     journal.Head // the last acknowledged entry
	end      int64        // where it ends in the journal
	turn     int64        // of the next record in the head file
	broken   error        // why nothing can be appended any more
	rejected map[string]bool
	temps    int64
	stepped  int64 // the number of the secret in the ratchet's file
}

// ID returns the run's id.
func (r *Run) ID() string { return r.id }

// Folder returns the run's folder.
func (r *Run) Folder() string { return r.dir }

// Work returns the folder in which actions may put files while they run.
func (r *Run) Work() string { return filepath.Join(r.dir, workName) }

// Work returns the same folder of a run that another process may drive.
func (s *Store) Work(id string) string { return filepath.Join(s.Folder(id), workName) }

// Head returns the last entry that is durable and acknowledged.
func (r *Run) Head() journal.Head {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head
}

// SetAside returns the torn tails that lie beside the journal and that the
// journal does not mention yet. The driver appends an entry for each.
func (r *Run) SetAside() []Tail { return r.tails }

// Append makes one entry of each body and returns their lines, without
// newlines, when all of them are durable: one write and one sync, however many
// they are. Only then may anything be done because of them.
//
// A failure is final for this Run. Part of the entries may have reached the
// disk; Append tries to take them back, and what it cannot take back Drive
// deals with. The error is an [AppendError].
func (r *Run) Append(bodies ...[]byte) ([][]byte, error) {
	return r.AppendSigned(journal.Later, nil, bodies...)
}

// Checkpoint makes the body of the entry of a checkpoint: see [journal.Log].
type Checkpoint = func(signed, next string) (body []byte, err error)

// Signs reports whether checkpoints of the run can be made.
func (r *Run) Signs() bool { return r.log.Ratchet() != nil }

// Lost says why nobody can sign checkpoints of the run any more; nil if somebody
// can, or the run never had any.
func (r *Run) Lost() error { return r.lost }

// Restart has other keys sign from the next entry on, and returns the public
// ones of the next two checkpoints: that entry announces them.
func (r *Run) Restart() ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ratchet := journal.NewRatchet(journal.Origin(r.id))
	name := filepath.Join(r.dir, ratchetName)
	err := replace(r.fs, name, ratchet.Encode(), true)
	if err == nil {
		err = r.openRatchet()
	}
	if err != nil {
		return nil, cannot("keep the secret of run "+r.id, err)
	}
	r.log.Restart(ratchet)
	r.lost = nil
	return ratchet.Keys(), nil
}

func (r *Run) openRatchet() (err error) {
	if err := r.closeRatchet(); err != nil {
		return err
	}
	r.ratchet, err = r.fs.OpenFile(filepath.Join(r.dir, ratchetName), os.O_WRONLY, 0)
	return err
}

func (r *Run) closeRatchet() error {
	if r.ratchet == nil {
		return nil
	}
	return errors.Join(r.ratchet.Sync(), r.ratchet.Close()) // no secret that was used outlasts the run
}

// AppendSigned is Append with a checkpoint when one is due: see
// [journal.Log.Append]. Its line is among those returned. Without entries it is
// what is not covered yet that is signed.
func (r *Run) AppendSigned(due journal.Due, checkpoint Checkpoint, bodies ...[]byte) ([][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return nil, fmt.Errorf("nothing more can be recorded, because an earlier entry was not: %w", r.broken)
	}
	lines, err := r.log.Append(due, checkpoint, bodies...)
	if err == nil && len(lines) == 0 {
		return nil, nil
	}
	if err == nil {
		err = r.extend(bytes.Join(lines, nil), r.log.Head())
	}
	if err != nil {
		r.broken = &AppendError{Run: r.id, Last: r.head.Seq, Full: diskFull(err), Err: err}
		return nil, r.broken
	}
	return trimmed(lines), nil
}

// extend writes a batch of lines, makes it durable, and acknowledges it.
func (r *Run) extend(batch []byte, head journal.Head) error {
	if err := r.untouched(); err != nil {
		return err
	}
	n, err := r.journal.Write(batch)
	if err == nil && n < len(batch) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = r.journal.Sync()
	}
	if err != nil {
		return errors.Join(err, r.takeBack())
	}
	record, offset := encodeHead(head, r.turn)
	if _, err := r.headFile.WriteAt(record, offset); err != nil {
		return errors.Join(err, r.disown())
	}
	r.head, r.end, r.turn = head, r.end+int64(len(batch)), r.turn+1
	if ratchet := r.log.Ratchet(); ratchet != nil && ratchet.Number() != r.stepped {
		// What was recorded is safe. But nothing is done while a secret lies there
		// that could sign it anew.
		if _, err := r.ratchet.WriteAt(ratchet.Encode(), 0); err != nil {
			return err
		}
		r.stepped = ratchet.Number()
	}
	return nil
}

// untouched makes sure that the journal in the folder is the one that is
// locked, and ends where this process left it. The lock keeps every irctl away,
// but not whoever copies, restores or edits files.
func (r *Run) untouched() error {
	now, err := r.fs.Stat(filepath.Join(r.dir, journalName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &TouchedError{"it is no longer in its folder"}
	case err != nil:
		return err
	case !os.SameFile(r.mine, now):
		return &TouchedError{"another file has its name"}
	case now.Size() > r.end:
		return &TouchedError{fmt.Sprintf("it has %d bytes more than were written", now.Size()-r.end)}
	case now.Size() < r.end:
		return &TouchedError{fmt.Sprintf("it has %d bytes less than were written", r.end-now.Size())}
	}
	return nil
}

// takeBack cuts off what follows the last acknowledged entry. After a failed
// sync this matters: the bytes can be read although they are not on the disk,
// and a later sync would not write them.
func (r *Run) takeBack() error {
	return cut(r.fs, filepath.Join(r.dir, journalName), r.end, r.mine)
}

// disown takes back a batch that is durable but could not be acknowledged,
// unless the acknowledgement may have been written after all: the head file
// must never be ahead of the journal.
func (r *Run) disown() error {
	file, err := read(r.fs, filepath.Join(r.dir, headName), headSize)
	if err != nil {
		return err
	}
	if head, _, ok := journal.DecodeHead(file); ok && head == r.head {
		return r.takeBack()
	}
	return nil
}

// cut shortens a file, durably, if it still is the one that is meant.
func cut(fsys FS, name string, size int64, meant fs.FileInfo) error {
	f, err := fsys.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(meant, now) {
		err = &TouchedError{"another file has its name"}
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Close gives up the run: another process may drive it from now on. Nothing
// can be appended afterwards.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		return nil
	}
	err := errors.Join(r.journal.Close(), r.headFile.Close(), r.closeRatchet(), release(r.fs, r.dir, r.held))
	r.held = nil
	if r.broken == nil {
		r.broken = fmt.Errorf("run %s: %w", r.id, os.ErrClosed)
	}
	return err
}
