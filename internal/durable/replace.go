package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrChanged says that a file no longer is what it was when it was read, so
// that it was left as it is: read it again.
var ErrChanged = errors.New("the file was changed in the same moment")

// ErrBusy says that another process has held the lock on a folder for longer
// than [Replace] waits. Nothing was changed.
var ErrBusy = errors.New("another process is changing files of this folder")

// LostError says what of a file would be lost if another took its place, so
// that it was left as it is.
type LostError struct {
	Path string
	What Part
	Name string // of the attribute
}

// Part is something that belongs to a file beside its bytes. The zero Part is
// none.
type Part int

const (
	Owner     Part = iota + 1 // its owner and its group
	Links                     // its other names: hard links
	Attribute                 // an access list or another extended attribute
)

// Error implements error.
func (e *LostError) Error() string {
	switch e.What {
	case Links:
		return e.Path + " has another name besides (a hard link), which would go on naming the old bytes, so it was left as it is"
	case Attribute:
		return fmt.Sprintf("the attribute %s of %s cannot be kept, so it was left as it is", e.Name, e.Path)
	default:
		return e.Path + " belongs to another user or group, which cannot be kept, so it was left as it is"
	}
}

// patience is how long Replace waits for others that change files of a folder.
const patience = 10 * time.Second

// Replace replaces a file by data with these permissions. What else belongs to
// the file is kept, or the error is a [*LostError]: its owner and group, and on
// Linux its access list and extended attributes. A link in the file's place is
// replaced, not followed (see [Resolve]).
//
// If there is a still, it is asked about the bytes of the file (nil if there is
// none) as the last thing before they are replaced. If it says no the error is
// [ErrChanged]. All who call Replace for files of one folder, in whatever
// process of this machine, do so one after the other.
func Replace(path string, data []byte, mode fs.FileMode, still func(now []byte) bool) error {
	if err := Replaceable(path); err != nil {
		return err
	}
	unlock := func() {}
	defer func() { unlock() }()
	keep := func(f *os.File) error {
		old, err := os.Lstat(path)
		if err != nil || !old.Mode().IsRegular() {
			return nil
		}
		if err := keepOwner(f, old); err != nil {
			return &LostError{Path: path, What: Owner}
		}
		return keepAttributes(f, path)
	}
	return put(path, data, mode, keep, func() (err error) {
		if unlock, err = lock(filepath.Dir(path)); err != nil || still == nil {
			return err
		}
		now, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if !still(now) {
			return ErrChanged
		}
		return nil
	})
}

// Replaceable says before anything is done what [Replace] would have to lose,
// as far as that can be told.
func Replaceable(path string) error {
	old, err := os.Lstat(path)
	switch {
	case err != nil || !old.Mode().IsRegular():
		return nil
	case links(old) > 1:
		return &LostError{Path: path, What: Links}
	case !mayKeepOwner(old):
		return &LostError{Path: path, What: Owner}
	}
	return nil
}

// lock keeps every other Replace off the files of a folder until unlock is
// called. It locks the folder itself, so that nothing is left behind. Where
// that cannot be, as on Windows and some network file systems, only the last
// look before the change stands between two.
func lock(folder string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	unlock = func() { _ = l.Close() }
	if _, err := l.TryLockContext(ctx, 5*time.Millisecond); errors.Is(err, context.DeadlineExceeded) {
		return unlock, ErrBusy
	}
	return unlock, nil
}
