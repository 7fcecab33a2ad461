package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/irctl/irctl/pkg/journal"
)

// Files are the documents that a run was made from, byte by byte.
type Files struct {
	Runbook     []byte
	Plan        []byte
	Environment []byte // nil if the run has no environment
	// Others are further documents, such as what the runbook calls. They are
	// kept by their digests; Reader.Document gives them back.
	Others [][]byte
}

// Digests are the SHA-256 of Files in hex. Environment is empty if the run
// has none.
type Digests struct{ Runbook, Plan, Environment string }

// Digests returns the digests, to be compared with those in the first entry.
func (f Files) Digests() Digests {
	d := Digests{Runbook: digest(f.Runbook), Plan: digest(f.Plan)}
	if f.Environment != nil {
		d.Environment = digest(f.Environment)
	}
	return d
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Create makes a run with its first entries and drives it. The id is one that
// NewID returned. When Create returns without an error, the run is durable;
// whatever happens before, List does not show a run without its documents and
// its first entry. The lines are those entries, without newlines.
//
// An error of type [LockedError] means that another process was quick enough
// to take over the run between its birth and its lock; it will carry it out.
func (s *Store) Create(id string, files Files, first ...[]byte) (*Run, [][]byte, error) {
	return s.CreateSigned(id, files, journal.NewLog(nil), nil, first...)
}

// CreateSigned is Create for a run whose journal has checkpoints, with one after
// its first entries. The first of them announces the keys of the log.
func (s *Store) CreateSigned(id string, files Files, log *journal.Log, checkpoint Checkpoint, first ...[]byte) (*Run, [][]byte, error) {
	if !validID(id) || len(first) == 0 {
		return nil, nil, fmt.Errorf("create run %q: a run needs a ULID and a first entry", id)
	}
	lines, err := log.Append(journal.Now, checkpoint, first...)
	if err == nil {
		err = s.give(id, files, lines, log)
	}
	if err != nil {
		return nil, nil, cannotSo("create run "+id, err, "There is no such run, and nothing was done. When that is put right, start it again.")
	}
	// From here on the run is there, and can be resumed.
	err = s.fs.SyncDir(s.runs())
	var run *Run
	if err == nil {
		run, err = s.Drive(id)
	}
	if err != nil {
		return nil, nil, cannotSo("begin run "+id, err, "The run exists, and nothing of it was done. Go on with: irctl resume "+id)
	}
	return run, trimmed(lines), nil
}

// give makes the folder of a run under another name and then gives it its own.
func (s *Store) give(id string, files Files, lines [][]byte, log *journal.Log) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if _, err := s.fs.Stat(s.Folder(id)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fs.ErrExist)
	}
	s.Sweep()
	temp := filepath.Join(s.runs(), unborn+id)
	if _, err := s.fs.Stat(temp); err == nil {
		s.discard(temp) // of an earlier try that did not come to its end
	}
	err := s.furnish(temp, files, lines, log)
	if err == nil {
		err = s.fs.Rename(temp, s.Folder(id))
	}
	if err != nil && s.renamed(temp, id) {
		return nil
	}
	if err != nil {
		s.discard(temp)
	}
	return err
}

// renamed reports whether a run has its name although renaming it failed: a
// file system may report a failure after it did what it was asked to. The name
// was free before.
func (s *Store) renamed(temp, id string) bool {
	_, before := s.fs.Stat(temp)
	_, after := s.fs.Stat(s.Folder(id))
	return errors.Is(before, fs.ErrNotExist) && after == nil
}

// Ours refuses a home that is another account's, or in which others may write:
// whoever makes files there asks first, as whoever drives a run does.
func (s *Store) Ours() error {
	if s.root == "" {
		return &NoHomeError{}
	}
	return s.safe()
}

// prepare makes the store's folders where no other account can change them.
func (s *Store) prepare() error {
	if err := s.Ours(); err != nil {
		return err
	}
	return makeAll(s.fs, s.runs())
}

// furnish makes the folder of a run, complete and durable, under another name.
func (s *Store) furnish(dir string, files Files, lines [][]byte, log *journal.Log) error {
	if err := s.fs.Mkdir(dir, folderMode); err != nil {
		return err
	}
	for _, name := range []string{inboxName, repliesName, artifactsName, workName} {
		if err := s.fs.Mkdir(filepath.Join(dir, name), folderMode); err != nil {
			return err
		}
	}
	type file struct {
		name string
		data []byte
	}
	all := []file{
		{runbookName, files.Runbook},
		{planName, files.Plan},
		{environmentName, files.Environment},
		{journalName, bytes.Join(lines, nil)},
		{headName, newHeadFile(log.Head())},
	}
	if r := log.Ratchet(); r != nil {
		all = append(all, file{ratchetName, r.Encode()})
	}
	kept := map[string]bool{}
	for _, data := range files.Others {
		if name := documentPrefix + digest(data); !kept[name] {
			kept[name] = true
			all = append(all, file{name, data})
		}
	}
	for _, file := range all {
		if file.data == nil && file.name == environmentName {
			continue
		}
		if err := write(s.fs, filepath.Join(dir, file.name), file.data, true); err != nil {
			return err
		}
	}
	if err := writePlace(s.fs, dir, fileMode); err != nil {
		return err
	}
	if err := s.lend(dir); err != nil {
		return err
	}
	return s.fs.SyncDir(dir)
}

// discard removes what furnish made, as far as possible. What stays is not a
// run for anybody.
func (s *Store) discard(dir string) {
	entries, err := s.fs.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		_ = s.fs.Remove(filepath.Join(dir, e.Name()))
	}
	_ = s.fs.Remove(dir)
}

// trimmed returns lines without their newlines.
func trimmed(lines [][]byte) [][]byte {
	out := make([][]byte, len(lines))
	for i, line := range lines {
		out[i] = line[:len(line)-1]
	}
	return out
}
