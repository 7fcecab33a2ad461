package claim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/irctl/irctl/internal/account"
)

// lockPause is how long to wait before a lock is tried again.
const lockPause = 20 * time.Millisecond

// Lock waits until no other process of this machine, and no other goroutine,
// holds the lock on a resource, or ctx ends; if it has to wait, it calls waits.
// Its file lies in a folder of the
// home and stays there. Release may be called once; the operating system
// releases what a dead process held.
func Lock(ctx context.Context, home string, r Resource, waits func()) (release func(), err error) {
	if slices.ContainsFunc(r.values(), func(v any) bool { _, list := v.([]any); return list }) {
		r.Subject = "" // another list may hold the same value
	}
	name, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(name)
	return lock(ctx, home, filepath.Join("claims", hex.EncodeToString(sum[:12])), waits)
}

// Begin is Lock for looking what other runs claim and beginning one.
func Begin(ctx context.Context, home string) (release func(), err error) {
	return lock(ctx, home, "begin.lock", func() {})
}

// Count is Lock for counting what all runs of the home have touched, until what is
// touched next is durable.
func Count(ctx context.Context, home string) (release func(), err error) {
	return lock(ctx, home, "limits.lock", func() {})
}

func lock(ctx context.Context, home, name string, waits func()) (release func(), err error) {
	file, mode := filepath.Join(home, name), fs.FileMode(0o600)
	if shared(home) {
		// In its folder itself, in which nobody can take away what is another's.
		file, mode = filepath.Join(home, strings.ReplaceAll(name, string(filepath.Separator), "-")), 0o640
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	if err := create(file, mode); err != nil {
		return nil, err
	}
	info, err := os.Lstat(file)
	if err != nil {
		return nil, err
	}
	whose := account.Name(account.Owner(info))
	if !info.Mode().IsRegular() { // to open a pipe could take for ever
		return nil, &LockError{file, whose, errors.New("it is no file")}
	}
	l := flock.New(file, flock.SetFlag(os.O_RDONLY))
	got, err := l.TryLock()
	switch {
	case errors.Is(err, fs.ErrPermission):
		err = &LockError{file, whose, err}
	case !got && err == nil:
		waits()
		if _, err = l.TryLockContext(ctx, lockPause); errors.Is(err, context.DeadlineExceeded) {
			err = &BusyError{file, err}
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return func() { _ = l.Close() }, nil
}

// LockError says that an account of a shared home put something in the place of a
// lock that others cannot hold.
type LockError struct {
	File, By string
	Err      error
}

// Error implements error.
func (e *LockError) Error() string {
	return e.By + " put something in the place of the lock " + e.File + ": have " + e.By + " or an administrator take it away (" + e.Err.Error() + ")"
}

// Unwrap returns what came of it.
func (e *LockError) Unwrap() error { return e.Err }

// BusyError says that another process held a lock for as long as somebody waited.
type BusyError struct {
	File string
	Err  error
}

// Error implements error.
func (e *BusyError) Error() string {
	return "another process holds the lock " + e.File + ", so nothing was done: try again, or see who has it (fuser -v " + e.File + ")"
}

// Unwrap returns what ended the wait.
func (e *BusyError) Unwrap() error { return e.Err }

// shared reports whether a group shares the home, by its setgid and sticky bits.
func shared(home string) bool {
	const bits = fs.ModeSetgid | fs.ModeSticky
	info, err := os.Stat(home)
	return err == nil && info.Mode()&bits == bits
}

// create makes a file to be locked, unless it is there. It gets its mode under
// another name: at no time is it there and not readable by whom it is for.
// One that is there is not opened to be made: Linux refuses that to all but its
// owner in a folder with a sticky bit (fs.protected_regular).
func create(file string, mode fs.FileMode) error {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".lock-*")
	if err != nil {
		return err
	}
	err = errors.Join(f.Chmod(mode), f.Close(), os.Link(f.Name(), file))
	if errors.Is(err, fs.ErrExist) {
		err = nil // another process was quicker
	}
	return errors.Join(err, os.Remove(f.Name()))
}
