package store

import (
	"archive/tar"
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// At returns a reader of a copy of a run's folder, wherever it lies. Nobody
// drives a copy.
func (s *Store) At(folder string) (*Reader, error) {
	info, err := s.fs.Stat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", folder)
	}
	if err == nil {
		_, err = s.fs.Stat(filepath.Join(folder, journalName))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no %s in %s, so it is not the folder of a run", journalName, folder)
	}
	if err != nil {
		return nil, err
	}
	undriven := func() (Owner, bool, error) { return Owner{}, false, nil }
	return &Reader{id: filepath.Base(folder), dir: folder, fs: s.fs, driven: undriven, sleep: s.sleep}, nil
}

// Unpacked returns a reader of an archived run, which it unpacks into an empty
// folder.
func (s *Store) Unpacked(id, into string) (*Reader, error) {
	folder, err := Unpack(s.Archive(id), into)
	if err != nil {
		return nil, err
	}
	r, err := s.At(folder)
	if err != nil {
		return nil, err
	}
	if r.id != id {
		return nil, fmt.Errorf("%s holds run %s, not run %s", s.Archive(id), r.id, id)
	}
	r.file, r.owner = s.Archive(id), s.belongs(s.Archive(id))
	return r, nil
}

// maxUnpacked bounds, in bytes, what an archive may unpack to, fileRoom is what an
// empty file counts, and maxPadding bounds the zeros behind the last one.
const (
	maxUnpacked = 16 << 30
	fileRoom    = 4 << 10
	maxPadding  = 1 << 20
)

// Unpack writes the files of a tar archive, compressed by gzip or not, into an
// empty folder, and returns the one folder in it that is a run's. What is not a
// file is left out: a run has files and folders only.
func Unpack(archive, into string) (string, error) {
	f, err := os.OpenFile(archive, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, fmt.Errorf("%s is no regular file", archive))
	}
	var from io.Reader = bufio.NewReader(f)
	if magic, _ := from.(*bufio.Reader).Peek(2); string(magic) == "\x1f\x8b" {
		if from, err = gzip.NewReader(from); err != nil {
			return "", unpacking(archive, err)
		}
	}
	var found []string
	files, room := tar.NewReader(from), int64(maxUnpacked)
	for {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", unpacking(archive, err)
		}
		if room -= header.Size + fileRoom; room < 0 || header.Size > maxUnpacked {
			return "", fmt.Errorf("%s holds more than %d bytes", archive, int64(maxUnpacked))
		}
		if header.Typeflag != tar.TypeReg {
			continue // its bytes are read, too
		}
		name, err := unpackFile(files, header, into)
		if err != nil {
			return "", unpacking(archive, err)
		}
		if filepath.Base(name) == journalName {
			found = append(found, filepath.Dir(name))
		}
	}
	// The check sum of what was compressed comes last.
	if n, err := io.Copy(io.Discard, io.LimitReader(from, maxPadding)); err != nil || n == maxPadding {
		return "", unpacking(archive, cmp.Or(err, errors.New("something follows its last file")))
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s holds %d journals of runs, not one; unpack it, and name the folder of a run", archive, len(found))
	}
	return found[0], nil
}

func unpacking(archive string, err error) error {
	return fmt.Errorf("cannot unpack %s, which should be a whole tar archive, compressed by gzip or not: %w", archive, err)
}

// unpackFile writes one file, which must lie below the folder and be new.
func unpackFile(from io.Reader, header *tar.Header, into string) (string, error) {
	name := filepath.FromSlash(header.Name)
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q leads out of the archive", header.Name)
	}
	name = filepath.Join(into, name)
	if err := os.MkdirAll(filepath.Dir(name), folderMode); err != nil {
		return "", err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, from)
	return name, errors.Join(err, f.Close())
}
