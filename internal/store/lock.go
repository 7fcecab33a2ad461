package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Owner is who drives a run.
type Owner struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Version string    `json:"irctl"`
}

// The operating system frees a lock when its process ends in any way, so the
// lock itself is never stale. The record of the owner may be: it is believed
// only while the lock is held, and only if it can be the present owner's.
const (
	lockTries = 50
	lockPause = 10 * time.Millisecond
)

// acquire locks a run for this process and says so in the owner record.
func (s *Store) acquire(id string) (*flock.Flock, error) {
	dir := s.Folder(id)
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(fileMode))
	for try := 1; ; try++ {
		locked, err := lock.TryLock()
		if err != nil {
			return nil, cannot("lock run "+id, err)
		}
		if locked {
			break
		}
		// The holder may not have written its record yet, or may only be
		// looking whether someone drives (see Driven): ask again.
		if owner, ok := s.owner(id); ok || try == lockTries {
			return nil, &LockedError{id, owner}
		}
		s.sleep(lockPause)
	}
	host, _ := os.Hostname()
	record, err := json.Marshal(Owner{os.Getpid(), host, s.now().UTC().Truncate(time.Second), s.version})
	if err == nil {
		err = replace(s.fs, filepath.Join(dir, ownerName), append(record, '\n'), false)
	}
	if err != nil {
		return nil, errors.Join(cannot("say who drives run "+id, err), lock.Unlock())
	}
	return lock, nil
}

// release is the opposite of acquire.
func release(fsys FS, dir string, lock *flock.Flock) error {
	err := fsys.Remove(filepath.Join(dir, ownerName))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, lock.Unlock())
}

// owner reads the owner record. It reports false if there is none or if its
// process is known to be gone.
func (s *Store) owner(id string) (Owner, bool) {
	data, err := read(s.fs, filepath.Join(s.Folder(id), ownerName), 1<<16)
	if err != nil {
		return Owner{}, false
	}
	var o Owner
	if json.Unmarshal(data, &o) != nil || o.PID <= 0 {
		return Owner{}, false
	}
	if host, _ := os.Hostname(); o.Host == host && !alive(o.PID) {
		return Owner{}, false
	}
	return o, true
}

// Driven reports whether a process drives the run at this moment, and which.
// The owner's PID is 0 if it has not said who it is. It needs the right to
// read the run's folder only.
func (s *Store) Driven(id string) (Owner, bool, error) {
	if err := s.exists(id); err != nil {
		return Owner{}, false, err
	}
	path := filepath.Join(s.Folder(id), lockName)
	if _, err := s.fs.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Owner{}, false, nil // a copy: nobody ever drove it
	}
	probe := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := probe.TryRLock()
	if err != nil {
		return Owner{}, false, cannot("see who drives run "+id, err)
	}
	if free {
		return Owner{}, false, cannot("see who drives run "+id, probe.Unlock())
	}
	owner, _ := s.owner(id)
	return owner, true, nil
}
