package claim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPause is how long to wait before a lock is tried again.
const lockPause = 20 * time.Millisecond

// Lock waits until no other process of this machine, and no other goroutine,
// holds the lock on a resource, or ctx ends; if it has to wait, it calls waits.
// Its file lies in a folder of the
// home and stays there. Release may be called once; the operating system
// releases what a dead process held.
func Lock(ctx context.Context, home string, r Resource, waits func()) (release func(), err error) {
	name, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(name)
	return lock(ctx, filepath.Join(home, "claims", hex.EncodeToString(sum[:12])), waits)
}

// Begin is Lock for looking what other runs claim and beginning one.
func Begin(ctx context.Context, home string) (release func(), err error) {
	return lock(ctx, filepath.Join(home, "begin.lock"), func() {})
}

func lock(ctx context.Context, file string, waits func()) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	l := flock.New(file, flock.SetPermissions(0o600))
	if got, err := l.TryLock(); got || err != nil {
		return func() { _ = l.Close() }, err
	}
	waits()
	if _, err := l.TryLockContext(ctx, lockPause); err != nil {
		_ = l.Close()
		return nil, err
	}
	return func() { _ = l.Close() }, nil
}
