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
	folder := filepath.Join(home, "claims")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(name)
	l := flock.New(filepath.Join(folder, hex.EncodeToString(sum[:12])), flock.SetPermissions(0o600))
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
