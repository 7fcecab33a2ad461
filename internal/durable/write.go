// Package durable replaces files so that a crash leaves either the old bytes
// or the new ones, never a mixture: [Write] for documents of our own, [Replace]
// for a file that others read and change, [WriteIn] and [CopyIn] for a folder
// that is open as a root, [Draft] for several files that get their names
// together, [Remove]. When they return nil the change is on the
// disk. Until then the new bytes lie in a draft beside the file, ".NAME.part" or
// with a number in it; one that a killed process left goes with the next write of
// the file, if need be a day later.
//
// Three do it otherwise: internal/store, whose every operation must be able to
// fail in a test; internal/host on another machine, where there is only a
// shell; and internal/lab, which watches irctl and shares no code with it.
//
// Files, in reading order: write.go, replace.go, owner_unix.go,
// attributes_linux.go, attributes_other.go, sync_unix.go.
package durable

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Write replaces the file at path by data. A symbolic link is followed, so
// that the link stays and what it names is replaced. An existing file keeps
// its permissions and, as far as this process may, its owner; a new one gets
// mode.
func Write(path string, data []byte, mode fs.FileMode) (err error) {
	if path, err = Resolve(path); err != nil {
		return err
	}
	old, err := os.Lstat(path)
	if err == nil {
		mode = old.Mode().Perm()
	}
	return put(path, data, mode, func(f *os.File) error {
		if old != nil {
			_ = keepOwner(f, old)
		}
		return nil
	}, nil)
}

// put writes a draft, has prepare give it what the old file had, asks ready as
// the last thing before it takes the place of the file, and sees that it is on
// the disk.
func put(path string, data []byte, mode fs.FileMode, prepare func(*os.File) error, ready func() error) error {
	if old, err := os.Lstat(path); err == nil && !old.Mode().IsRegular() && old.Mode()&fs.ModeSymlink == 0 {
		return fmt.Errorf("%s is not a regular file", path)
	}
	folder, name := filepath.Split(path)
	sweep(filepath.Clean(folder), name)
	f, err := os.CreateTemp(filepath.Clean(folder), "."+name+".*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = prepare(f)
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil && ready != nil {
		err = ready()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return Sync(filepath.Dir(path))
}

// leftoverAge is how old a draft must be that a process left which was killed:
// whoever is at one has long ended.
const leftoverAge = 24 * time.Hour

// draftAge is the same for a folder, which may be filled for days.
const draftAge = 7 * leftoverAge

// sweep removes drafts of a file that were left in its folder.
func sweep(folder, name string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), "."+name+".") || !strings.HasSuffix(e.Name(), ".part") {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftoverAge {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

// Draft makes an empty folder with mode 0700 in another one, for what is to get its
// name there when it is whole. The caller removes it, whatever became of it. One
// that a killed process left goes with a later draft in the same folder.
func Draft(folder string) (string, error) {
	const prefix, suffix = ".irctl-", ".part"
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > draftAge {
			_ = os.RemoveAll(filepath.Join(folder, e.Name()))
		}
	}
	return os.MkdirTemp(folder, prefix+"*"+suffix)
}

// Remove deletes the file at path. It is nil if there is none.
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return Sync(filepath.Dir(path))
}

// Folder makes a folder and its parents with mode 0700 where they are missing.
func Folder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return Sync(filepath.Dir(path))
}

// Resolve follows the links of a path whose last part may be missing.
func Resolve(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("%s is a symbolic link to a file that does not exist", path)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// Writable reports whether this process may put files into a folder, as far as
// that can be told without doing it.
func Writable(folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", folder)
	}
	return mayWrite(folder)
}

// WriteIn is Write for a file directly in a folder that was opened as a root. A
// link in the file's place is replaced, not followed.
func WriteIn(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	_, err := CopyIn(root, name, bytes.NewReader(data), mode)
	return err
}

// CopyIn is WriteIn for what r holds, of which it returns the size in bytes.
func CopyIn(root *os.Root, name string, r io.Reader, mode fs.FileMode) (int64, error) {
	draft := "." + name + ".part"
	switch err := root.Remove(draft); {
	case errors.Is(err, fs.ErrPermission): // another account's, in a folder with a sticky bit
		draft = "." + name + "." + rand.Text() + ".part"
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return 0, err
	}
	f, err := root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = root.Rename(draft, name)
	}
	if err != nil {
		_ = root.Remove(draft)
		return 0, err
	}
	return size, Sync(root.Name())
}

// Until is what r holds, read until a context ends: what is copied may be large.
func Until(ctx context.Context, r io.Reader) io.Reader { return until{ctx, r} }

type until struct {
	ctx context.Context
	r   io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
