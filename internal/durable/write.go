// Package durable replaces files so that a crash leaves either the old bytes
// or the new ones, never a mixture: [Write], [WriteIn] and [Remove]. When they
// return nil the change is on the disk.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path by data. A symbolic link is followed, so
// that the link stays and what it names is replaced. An existing file keeps
// its permissions and, as far as this process may, its owner; a new one gets
// mode.
func Write(path string, data []byte, mode fs.FileMode) (err error) {
	if path, err = resolve(path); err != nil {
		return err
	}
	old, err := os.Stat(path)
	if err != nil {
		old = nil
	} else {
		if !old.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", path)
		}
		mode = old.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if old != nil {
		KeepOwner(f, old)
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Remove deletes the file at path. It is nil if there is none.
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Folder makes a folder and its parents with mode 0700 where they are missing.
func Folder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Sync makes a folder's entries durable.
func Sync(folder string) error { return syncFolder(folder) }

// resolve follows the links of a path whose last part may be missing.
func resolve(path string) (string, error) {
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

// WriteIn is Write for a file directly in a folder that was opened as a root.
// A link in the file's place is replaced, not followed.
func WriteIn(root *os.Root, name string, data []byte, mode fs.FileMode) (err error) {
	draft := "." + name + ".tmp"
	if err := root.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
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
		return err
	}
	return syncFolder(root.Name())
}
