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
	Boot    string    `json:"boot,omitempty"` // the machine's run since it was switched on; "" if it does not say
	Since   time.Time `json:"since"`
	Version string    `json:"irctl"`
}

// What is locked is the journal itself, so that there is nothing to remove
// that would let a second driver in. The operating system frees a lock when
// its process ends in any way, so the lock itself is never stale. The record of
// the owner may be: it is believed only while the lock is held, and only if it
// can be the present owner's.
const (
	lockTries = 50
	lockPause = 10 * time.Millisecond
)

// locks are the files of a run that its driver holds. An older irctl locked a
// file of its own; where there is one, both are held, so that neither drives
// beside the other.
type locks []*flock.Flock

// lockedFiles are the names of what a driver of the run in a folder holds. To
// open a pipe in such a place could wait for ever.
func (s *Store) lockedFiles(dir string) ([]string, error) {
	var names []string
	for _, base := range []string{driverLockName, lockedName, olderLockName} {
		name := filepath.Join(dir, base)
		info, err := s.fs.Stat(name)
		if err == nil && !info.Mode().IsRegular() {
			return nil, irregular(name)
		}
		if err == nil || base == lockedName {
			names = append(names, name)
		}
	}
	return names, nil
}

// acquire locks a run for this process and says so in the owner record.
func (s *Store) acquire(id string) (locks, error) {
	dir := s.Folder(id)
	var held locks
	for try := 1; ; try++ {
		var busy string
		var err error
		if held, busy, err = s.tryLock(dir, try == lockTries); errors.As(err, new(unfit)) {
			return nil, errors.Join(s.verdict(id), cannot("lock run "+id, err))
		}
		if err != nil {
			return nil, cannot("lock run "+id, err)
		}
		if busy == "" {
			break
		}
		// The holder may not have written its record yet, or may only be
		// looking whether someone drives (see Driven): ask again.
		if owner, ok := s.owner(id); ok && busy != inTheWay || try == lockTries {
			return nil, &LockedError{id, owner}
		}
		s.sleep(lockPause)
	}
	host, _ := os.Hostname()
	record, err := json.Marshal(Owner{os.Getpid(), host, boot(), s.now().UTC().Truncate(time.Second), s.version})
	if err == nil {
		err = replaceAs(s.fs, filepath.Join(dir, ownerName), append(record, '\n'), s.FileMode(), false)
	}
	if err != nil {
		return nil, errors.Join(cannot("say who drives run "+id, err), held.unlock())
	}
	return held, nil
}

// verdict is what a run's journal is, of which no process can be the driver.
func (s *Store) verdict(id string) error {
	r, err := s.Reader(id)
	if err != nil {
		return err
	}
	report, err := r.Verify()
	return errors.Join(err, unverified(id, report))
}

// inTheWay is a lock that is no driver's: in a shared home the lock of a driver is
// where nobody else can open it, and whoever may read the journal may lock that.
const inTheWay = "the journal, for somebody who reads it"

// tryLock takes all the locks or none, the last time also without what is
// [inTheWay]. It returns what is held by somebody else, or was replaced
// meanwhile, "" if it has all.
func (s *Store) tryLock(dir string, last bool) (held locks, busy string, err error) {
	names, err := s.lockedFiles(dir)
	if err != nil {
		return nil, "", err
	}
	for i, name := range names {
		lock := flock.New(name, flock.SetFlag(lockFlag), flock.SetPermissions(fileMode))
		locked, err := lock.TryLock()
		if locked {
			held = append(held, lock)
			locked, err = s.same(lock, name)
		}
		if locked && err == nil {
			continue
		}
		if busy = name; i > 0 && filepath.Base(names[0]) == driverLockName {
			if busy = inTheWay; last && err == nil {
				return held, "", nil
			}
		}
		return nil, busy, errors.Join(err, held.unlock())
	}
	return held, "", nil
}

// same reports whether what is locked is still what has the name.
func (s *Store) same(lock *flock.Flock, name string) (bool, error) {
	now, err := s.fs.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	mine, err := lock.Stat()
	return os.SameFile(mine, now), err
}

func (l locks) unlock() error {
	var err error
	for _, lock := range l {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}

// release is the opposite of acquire.
func release(fsys FS, dir string, held locks) error {
	err := fsys.Remove(filepath.Join(dir, ownerName))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, held.unlock())
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
	host, _ := os.Hostname()
	if o.Host == host && (o.Boot != "" && o.Boot != boot() || !alive(o.PID)) {
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
	names, err := s.lockedFiles(s.Folder(id))
	if err != nil {
		return Owner{}, false, cannot("see who drives run "+id, err)
	}
	for _, name := range names {
		if _, err := s.fs.Stat(name); errors.Is(err, fs.ErrNotExist) {
			continue // a copy without it: nobody ever drove it
		}
		probe := flock.New(name, flock.SetFlag(readFlag))
		free, err := probe.TryRLock()
		if errors.Is(err, fs.ErrPermission) && filepath.Base(name) == driverLockName {
			continue // another account's: the journal shows it
		}
		if err == nil && free {
			err = probe.Unlock()
		}
		if err != nil {
			return Owner{}, false, cannot("see who drives run "+id, err)
		}
		if !free {
			owner, _ := s.owner(id)
			return owner, true, nil
		}
		if filepath.Base(name) == driverLockName {
			break // our own: what else is locked is no driver's lock
		}
	}
	return Owner{}, false, nil
}
