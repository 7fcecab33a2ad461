package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/irctl/irctl/internal/account"
	"github.com/irctl/irctl/internal/durable"
)

// FS is the file system as the store uses it: every operation that can fail,
// or after which the machine can die, goes through it. Paths are the host's.
// An implementation may be used from several goroutines.
type FS interface {
	// OpenFile is os.OpenFile.
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	// Mkdir is os.Mkdir.
	Mkdir(name string, perm fs.FileMode) error
	// Rename is os.Rename: atomic, and it replaces a file of the new name.
	Rename(from, to string) error
	// Remove is os.Remove.
	Remove(name string) error
	// Stat is os.Stat.
	Stat(name string) (fs.FileInfo, error)
	// Lstat is os.Lstat.
	Lstat(name string) (fs.FileInfo, error)
	// Chmod is os.Chmod.
	Chmod(name string, mode fs.FileMode) error
	// ReadDir is os.ReadDir: sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// SyncDir makes the entries of a folder durable.
	SyncDir(name string) error
}

// File is an open file; *os.File is one.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	// Sync returns when the file's bytes and size survive a loss of power.
	Sync() error
	Truncate(size int64) error
}

// OS is the operating system's file system.
type OS struct{}

// OpenFile implements [FS].
func (OS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // not a File that holds a nil *os.File
	}
	return f, nil
}

// Mkdir implements [FS].
func (OS) Mkdir(name string, perm fs.FileMode) error { return os.Mkdir(name, perm) }

// Rename implements [FS].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [FS].
func (OS) Remove(name string) error { return os.Remove(name) }

// Stat implements [FS].
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// Lstat implements [FS].
func (OS) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// Chmod implements [FS].
func (OS) Chmod(name string, mode fs.FileMode) error { return os.Chmod(name, mode) }

// ReadDir implements [FS].
func (OS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// SyncDir implements [FS].
func (OS) SyncDir(name string) error { return durable.Sync(name) }

const (
	folderMode = fs.FileMode(0o700)
	fileMode   = fs.FileMode(0o600)
)

// write makes a new file and makes its bytes durable if asked to. What a process
// that died left under the name is removed, and never written through: somebody
// else may have put a link there. The name is durable when its folder is synced.
func write(fsys FS, name string, data []byte, durable bool) error {
	const flag = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := fsys.OpenFile(name, flag, fileMode)
	if errors.Is(err, fs.ErrExist) {
		if err = fsys.Remove(name); err == nil {
			f, err = fsys.OpenFile(name, flag, fileMode)
		}
	}
	if err != nil {
		return err
	}
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil && durable {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// replace puts a file in place whole: a reader sees the old one, or none, or
// all of the new one. What it leaves behind when it fails begins with a dot. It
// is not durable.Replace because each operation is one that FS can have fail.
func replace(fsys FS, name string, data []byte, durable bool) error {
	return replaceAs(fsys, name, data, fileMode, durable)
}

// replaceAs is replace for a file with another mode, whatever the umask is.
func replaceAs(fsys FS, name string, data []byte, mode fs.FileMode, durable bool) error {
	folder, base := filepath.Split(name)
	temp := filepath.Join(folder, "."+base)
	err := write(fsys, temp, data, durable)
	if _, there := fsys.Lstat(temp); errors.Is(err, fs.ErrPermission) && there == nil {
		temp += "." + rand.Text() // another account of a shared home has put something there
		err = write(fsys, temp, data, durable)
	}
	if err == nil && mode != fileMode {
		err = fsys.Chmod(temp, mode)
	}
	if err != nil {
		_ = fsys.Remove(temp)
		return err
	}
	if err := fsys.Rename(temp, name); err != nil {
		_ = fsys.Remove(temp)
		return err
	}
	if durable {
		return fsys.SyncDir(folder)
	}
	return nil
}

// unfit says of a file that what it holds cannot be what irctl wrote there: it is
// no regular file, or too large.
type unfit struct{ error }

// read returns the bytes of a regular file of at most max bytes.
func read(fsys FS, name string, max int64) ([]byte, error) {
	data, _, err := readOf(fsys, name, max)
	return data, err
}

// readOf is read and says whose the file is that was read, whatever has its name
// by then.
func readOf(fsys FS, name string, max int64) (text []byte, owner string, err error) {
	f, info, err := openRegular(fsys, name)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = f.Close() }()
	var data bytes.Buffer // of the size that it has, or a long plan would be copied while it grows
	data.Grow(int(min(info.Size(), max)) + bytes.MinRead)
	_, err = data.ReadFrom(io.LimitReader(f, max+1))
	if err == nil && int64(data.Len()) > max {
		err = unfit{fmt.Errorf("%s is larger than %d bytes", name, max)}
	}
	if err != nil {
		return nil, "", err
	}
	return data.Bytes(), account.Owner(info), nil
}

// openRegular opens a file for reading and says what it is, by the file that is
// open: a link, a pipe or a device in its place is [unfit].
func openRegular(fsys FS, name string) (File, fs.FileInfo, error) {
	f, err := fsys.OpenFile(name, readFlag, 0)
	if isLink(err) {
		return nil, nil, irregular(name)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = irregular(name)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

func irregular(name string) error { return unfit{fmt.Errorf("%s is not a regular file", name)} }

// makeAll makes a folder and the missing ones above it, durably.
func makeAll(fsys FS, name string) error {
	if _, err := fsys.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := makeAll(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.Mkdir(name, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsys.SyncDir(parent)
}
