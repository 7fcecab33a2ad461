package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/pkg/journal"
)

// Tail is a file with bytes that stood at the end of a journal without being
// an entry: what an interrupted write left. It was never acknowledged.
type Tail struct {
	File   string // its name in the run's folder
	Bytes  int
	Digest string // SHA-256, hex
}

// Drive takes the lock of a run, verifies its journal from the first byte to
// the last, and makes it ready for Append. It returns a [NotFoundError], a
// [LockedError], an [AlteredError], a [TruncatedError], an [ElsewhereError], an
// [AccountError] or an [UnsafeError]; then nothing was changed. A torn tail is
// moved into a file beside the journal: see [Run.SetAside].
func (s *Store) Drive(id string) (*Run, error) { return s.drive(id, false) }

// TakeOver is Drive for a run that belongs elsewhere, by the word of a person
// who knows that nobody drives it there. The caller appends an entry that says
// so, and then calls [Run.Settle]; until then the run belongs where it did.
func (s *Store) TakeOver(id string) (*Run, error) { return s.drive(id, true) }

// MayDrive returns what Drive would say of the place where a run lies, nil if
// it would take it there.
func (s *Store) MayDrive(id string) error {
	if err := s.exists(id); err != nil {
		return err
	}
	if err := s.safe(s.Folder(id)); err != nil {
		return err
	}
	from, err := elsewhere(s.fs, s.Folder(id), id)
	if from != nil {
		return from
	}
	return err
}

func (s *Store) drive(id string, takeOver bool) (*Run, error) {
	if err := s.exists(id); err != nil {
		return nil, err
	}
	if err := s.safe(s.Folder(id)); err != nil {
		return nil, cannot("drive run "+id, err)
	}
	r := &Run{id: id, dir: s.Folder(id), fs: s.fs, mode: s.FileMode(), rejected: map[string]bool{}}
	var err error
	if r.held, err = s.acquire(id); err != nil {
		if _, worse := r.survey(); worse != nil && errors.Is(err, fs.ErrNotExist) {
			err = worse // there is no journal, and it says what that means
		}
		return nil, err
	}
	if err := r.open(takeOver); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	s.sweep(r)
	return r, nil
}

// abandon undoes a Drive that failed half-way.
func (r *Run) abandon() error {
	err := release(r.fs, r.dir, r.held)
	for _, f := range []File{r.journal, r.headFile, r.ratchet} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return cannot("release run "+r.id, err)
}

func (r *Run) open(takeOver bool) error {
	survey, err := r.survey()
	if err != nil {
		return err
	}
	if r.from, err = elsewhere(r.fs, r.dir, r.id); err != nil {
		return err
	}
	if r.from != nil && !takeOver {
		return r.from
	}
	if r.mine, err = r.fs.Stat(filepath.Join(r.dir, journalName)); err != nil {
		return cannot("open run "+r.id, err)
	}
	if err := r.recover(survey); err != nil {
		return cannot("recover run "+r.id, err)
	}
	if err := r.openFiles(survey); err != nil {
		return cannot("open run "+r.id, err)
	}
	return nil
}

// survey is what Drive found in a run's folder.
type survey struct {
	report journal.Report
	ack    journal.Head
	turn   int64
	ackEnd int64 // where the acknowledged entries end
	end    int64 // where the entries end
	tails  []Tail
	log    *journal.Log
	lost   error // why the log has no ratchet
	// mentioned says which tails the journal knows of.
	mentioned map[string]bool
}

// survey reads and verifies, and changes nothing.
func (r *Run) survey() (*survey, error) {
	found := &survey{mentioned: map[string]bool{}}
	var err error
	if found.tails, err = r.findTails(); err != nil {
		return nil, cannot("read run "+r.id, err)
	}
	v, err := openVerifying(r.fs, r.dir, &journal.Given{})
	if err != nil {
		return nil, cannot("read run "+r.id, err)
	}
	found.ack, found.turn = v.ack, v.turn
	for v.Scan() {
		e := v.Entry()
		found.end = v.End()
		if e.Seq <= v.ack.Seq {
			found.ackEnd = found.end
		}
		for _, t := range found.tails {
			if bytes.Contains(e.Line, []byte(`"`+t.File+`"`)) {
				found.mentioned[t.File] = true
			}
		}
	}
	found.report, err = v.Report()
	if err == nil {
		found.log, found.lost, err = v.goingOn(r.fs, r.dir, &found.report)
	}
	if err := errors.Join(err, v.file.Close()); err != nil {
		return nil, cannot("read run "+r.id, err)
	}
	return found, unverified(r.id, found.report)
}

// recover moves a torn tail aside and makes entries durable that a crash, or
// a loss of power that spared the journal but not the head file, left without
// acknowledgement.
func (r *Run) recover(s *survey) error {
	path := filepath.Join(r.dir, journalName)
	if s.report.Verdict == journal.Torn {
		if err := r.setAside(s); err != nil {
			return err
		}
		if err := cut(r.fs, path, s.report.Tail.Offset, r.mine); err != nil {
			return err
		}
	}
	for _, t := range s.tails {
		if !s.mentioned[t.File] {
			r.tails = append(r.tails, t)
		}
	}
	if s.ackEnd == s.end {
		return nil
	}
	return rewrite(r.fs, path, s.ackEnd, s.end)
}

// rewrite writes part of a file over itself and syncs it. The sync alone would
// not do: after one that failed in a process now gone, the operating system
// takes bytes for written that are not, and says nothing the second time.
func rewrite(fsys FS, name string, from, to int64) error {
	f, err := fsys.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	buf := make([]byte, min(to-from, 1<<20))
	for at := from; at < to && err == nil; at += int64(len(buf)) {
		buf = buf[:min(to-at, int64(len(buf)))]
		if _, err = f.ReadAt(buf, at); err == nil {
			_, err = f.WriteAt(buf, at)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// findTails lists the tails set aside so far.
func (r *Run) findTails() ([]Tail, error) {
	entries, err := r.fs.ReadDir(r.dir)
	if err != nil {
		return nil, err
	}
	var tails []Tail
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "tail-") || !strings.HasSuffix(e.Name(), ".torn") || !e.Type().IsRegular() {
			continue
		}
		f, err := r.fs.OpenFile(filepath.Join(r.dir, e.Name()), os.O_RDONLY, 0)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		tails = append(tails, Tail{e.Name(), int(n), hex.EncodeToString(h.Sum(nil))})
	}
	return tails, nil
}

// setAside copies the torn tail into a file of its own, durably. The journal
// is cut afterwards: the bytes exist twice rather than not at all. If that was
// interrupted before, the copy is there already.
func (r *Run) setAside(s *survey) error {
	tail := s.report.Tail
	if tail.Bytes > maxTail {
		return fmt.Errorf("%d bytes follow the last entry of the journal, more than an interrupted write can leave; look at %s and move them elsewhere", tail.Bytes, filepath.Join(r.dir, journalName))
	}
	f, err := r.fs.OpenFile(filepath.Join(r.dir, journalName), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	data := make([]byte, tail.Bytes)
	_, err = f.ReadAt(data, tail.Offset)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	sum := digest(data)
	for _, t := range s.tails {
		if t.Digest == sum && !s.mentioned[t.File] {
			return nil
		}
	}
	t := Tail{Bytes: len(data), Digest: sum}
	for n := len(s.tails) + 1; ; n++ {
		t.File = fmt.Sprintf("tail-%d.torn", n)
		_, err := r.fs.Stat(filepath.Join(r.dir, t.File))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return err
		}
	}
	s.tails = append(s.tails, t)
	return replaceAs(r.fs, filepath.Join(r.dir, t.File), data, r.mode, true)
}

// maxTail bounds what setAside holds in memory.
const maxTail = 4 * journal.MaxLine

// openFiles opens what Append writes to, and brings the head file up to date.
func (r *Run) openFiles(s *survey) error {
	var err error
	r.journal, err = r.fs.OpenFile(filepath.Join(r.dir, journalName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	r.headFile, err = r.fs.OpenFile(filepath.Join(r.dir, headName), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := r.fs.Stat(filepath.Join(r.dir, placeName)); errors.Is(err, fs.ErrNotExist) && r.from == nil {
		if err := writePlace(r.fs, r.dir, r.mode); err != nil { // an older irctl made it
			return err
		}
	}
	if s.log.Ratchet() != nil {
		if err := r.openRatchet(); err != nil {
			return err
		}
	}
	r.log, r.lost = s.log, s.lost
	r.head, r.end, r.turn = s.report.Head, s.end, s.turn
	if r.head == s.ack {
		return nil
	}
	record, offset := encodeHead(r.head, r.turn)
	r.turn++
	_, err = r.headFile.WriteAt(record, offset)
	return err
}
