package store

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/journal"
)

// archivesName is the folder of a home that holds archives of runs; gone begins
// the name of a run's folder that is being deleted.
const (
	archivesName = "archive"
	gone         = ".gone-"
)

// Archive is the file that a run is archived in, whether or not it is.
func (s *Store) Archive(id string) string {
	return filepath.Join(s.root, archivesName, id+".tar.gz")
}

// Archived returns the ids of the runs that have an archive, oldest first.
func (s *Store) Archived() ([]string, error) {
	entries, err := s.fs.ReadDir(filepath.Join(s.root, archivesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".tar.gz"); ok && validID(id) {
			ids = append(ids, id)
		}
	}
	return ids, cannot("list the archives", err)
}

// Pack writes the folder of a run as a tar archive, compressed by gzip: its
// journal and what belongs to it, with what steps kept to be undone, not what only
// a process that drives it needs.
func (s *Store) Pack(id string, to io.Writer) error {
	if err := s.exists(id); err != nil {
		return err
	}
	zipped := gzip.NewWriter(to)
	files := tar.NewWriter(zipped)
	err := belongings(s.fs, s.Folder(id), "", []string{artifactsName, workName}, func(name string, f File, info fs.FileInfo) error {
		err := files.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path.Join(id, name), Size: info.Size(), Mode: int64(fileMode), ModTime: info.ModTime()})
		if err == nil {
			_, err = io.Copy(files, f)
		}
		return err
	})
	return cannot("archive run "+id, errors.Join(err, files.Close(), zipped.Close()))
}

// Belongings opens each file of a run that a copy of it has: its journal and
// what belongs to it, not what only a process that drives it needs, and not what
// steps kept to be undone, in which there may be secrets. name is below the
// run's folder, with slashes. The head comes before the journal, so that a copy
// of a run that goes on is one of a moment.
func (r *Reader) Belongings(visit func(name string, f io.Reader) error) error {
	err := belongings(r.fs, r.dir, "", []string{artifactsName}, func(name string, f File, _ fs.FileInfo) error { return visit(name, f) })
	return cannot("copy run "+r.id, err)
}

func belongings(fsys FS, folder, name string, inner []string, visit func(name string, f File, info fs.FileInfo) error) error {
	entries, err := fsys.ReadDir(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	// What an entry names is kept before the entry is written.
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(rank(a.Name()), rank(b.Name())) })
	for _, e := range entries {
		switch at := path.Join(name, e.Name()); {
		case strings.HasPrefix(e.Name(), "."), name == "" && !e.IsDir() && !lasting(e.Name()), name == artifactsName && !isDigest(e.Name()):
			// being written, only a driver's, or nothing of a run
		case e.IsDir() && slices.Contains(inner, e.Name()):
			err = belongings(fsys, folder, at, inner, visit)
		case e.Type().IsRegular():
			err = visitFile(fsys, filepath.Join(folder, filepath.FromSlash(at)), at, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lasting reports whether a file beside the journal is a part of the run, which
// only a driver's own and what somebody else put there are not.
func lasting(name string) bool {
	return lent(name) && name != ownerName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// rank puts the head before the journal, and both before all else.
func rank(name string) int { return slices.Index([]string{"", journalName, headName}, name) * -1 }

func visitFile(fsys FS, file, name string, visit func(name string, f File, info fs.FileInfo) error) error {
	f, info, err := openRegular(fsys, file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return visit(name, f, info)
}

// Import makes an unpacked copy of a run a run of this home, durably: all of it
// or none. What steps kept to be undone is as good as the journal says: it names
// the digest of each. unpack fills the folder that it is given and returns the run's in it.
func (s *Store) Import(id string, unpack func(into string) (string, error)) error {
	if !validID(id) {
		return &NotFoundError{id}
	}
	if err := s.prepare(); err != nil {
		return err
	}
	temp := filepath.Join(s.runs(), unborn+id)
	s.remove(temp) // of an earlier try that did not come to its end, or only just
	if _, err := s.fs.Stat(s.Folder(id)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("there is a run %s in this home already", id))
	}
	defer s.remove(temp)
	err := s.fs.Mkdir(temp, folderMode)
	var folder string
	if err == nil {
		folder, err = unpack(temp)
	}
	for _, name := range []string{inboxName, repliesName, ownerName, olderLockName, driverLockName, ratchetName} {
		if err == nil {
			s.remove(filepath.Join(folder, name)) // who may ask and drive here, no file says
		}
	}
	for _, name := range []string{inboxName, repliesName, artifactsName, workName} {
		if err == nil {
			if err = s.fs.Mkdir(filepath.Join(folder, name), folderMode); errors.Is(err, fs.ErrExist) {
				err = nil
			}
		}
	}
	if err == nil {
		err = s.lend(folder)
	}
	if err == nil {
		err = s.settle(folder)
	}
	if err == nil {
		err = s.fs.Rename(folder, s.Folder(id))
	}
	if err == nil {
		err = s.fs.SyncDir(s.runs())
	}
	return cannotSo("import run "+id, err, "There is no such run here, and nothing was done.")
}

// settle makes a folder and what is in it durable.
func (s *Store) settle(folder string) error {
	entries, err := s.fs.ReadDir(folder)
	for _, e := range entries {
		at := filepath.Join(folder, e.Name())
		if e.IsDir() {
			err = errors.Join(err, s.settle(at))
			continue
		}
		f, opened := s.fs.OpenFile(at, os.O_RDWR|nonblock, 0)
		if opened == nil {
			opened = errors.Join(f.Sync(), f.Close())
		}
		err = errors.Join(err, opened)
	}
	return errors.Join(err, s.fs.SyncDir(folder))
}

// Delete deletes the folder of a run that its archive holds whole, which whole
// is asked about while nobody can add to the run: whoever looks sees all of it or
// none. What a process that died left of it goes with [Store.Sweep].
func (s *Store) Delete(id string, whole func() error) error {
	if err := s.exists(id); err != nil {
		return err
	}
	if err := s.Ours(); err != nil {
		return cannot("delete run "+id, err)
	}
	s.Sweep()
	held, err := s.acquire(id)
	if err != nil {
		return err
	}
	if err := whole(); err != nil {
		return errors.Join(err, release(s.fs, s.Folder(id), held))
	}
	if !movesLocked {
		err = held.unlock()
	}
	if err == nil {
		err = s.fs.Rename(s.Folder(id), filepath.Join(s.runs(), gone+id))
	}
	if err == nil {
		err = s.fs.SyncDir(s.runs())
	}
	_ = held.unlock() // as the end of the process would
	s.Sweep()
	return cannot("delete run "+id, err)
}

// SameWork reports whether a copy of a run holds all that steps kept to be undone.
func SameWork(of, copied *Reader) (bool, error) {
	entries, err := of.fs.ReadDir(filepath.Join(of.dir, workName))
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		kept, failed := read(of.fs, filepath.Join(of.dir, workName, e.Name()), maxJournal)
		again, missing := read(copied.fs, filepath.Join(copied.dir, workName, e.Name()), maxJournal)
		if failed != nil || missing != nil || !bytes.Equal(kept, again) {
			return false, errors.Join(err, failed)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err == nil, err
}

// SameHead reports whether two readers of a run end with the same entry.
func SameHead(a, b *Reader) bool {
	x, known := a.Head()
	y, too := b.Head()
	return known && too && x == y && x != journal.Head{}
}
