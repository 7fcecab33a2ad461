package store_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// `rm runs/R/lock` while a driver lives, then `irctl resume R`: two drivers,
// and every step twice.
func TestRemovingTheLockFileDoesNotGiveTwoDrivers(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	entries, err := os.ReadDir(run.Folder())
	require.NoError(t, err)
	for _, e := range entries { // everything but the run itself
		if e.Name() != "journal.jsonl" && e.Type().IsRegular() {
			_ = os.Remove(path(s, run.ID(), e.Name()))
		}
	}
	_, err = s.Drive(run.ID())
	var locked *store.LockedError
	require.ErrorAs(t, err, &locked)
	_, driven, err := s.Driven(run.ID())
	require.NoError(t, err)
	require.True(t, driven)
}

// A driver that no longer holds the journal of the folder, or not alone, stops
// before it writes, and leaves what is there as it is.
func TestAJournalThatSomebodyElseTouchedStopsTheDriver(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // an open file cannot be moved or replaced there
	}
	for name, c := range map[string]struct {
		touch func(t *testing.T, file string)
		says  string
	}{
		"replaced by a copy of itself": {func(t *testing.T, file string) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file+".new", data, 0o600))
			require.NoError(t, os.Rename(file+".new", file))
		}, "another file has its name"},
		"removed": {func(t *testing.T, file string) {
			require.NoError(t, os.Remove(file))
		}, "it is no longer in its folder"},
		"moved with its folder": {func(t *testing.T, file string) {
			require.NoError(t, os.Rename(filepath.Dir(file), filepath.Dir(file)+".away"))
		}, "it is no longer in its folder"},
		"grown": {func(t *testing.T, file string) {
			appendRaw(t, file, "{\"seq\":2}\n")
		}, "bytes more"},
		"shortened": {func(t *testing.T, file string) {
			require.NoError(t, os.Truncate(file, 10))
		}, "bytes less"},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.Open(t.TempDir(), nil)
			run := create(t, s)
			file := path(s, run.ID(), "journal.jsonl")
			c.touch(t, file)
			before, _ := os.ReadFile(file)
			_, err := run.Append(body(2))
			var touched *store.TouchedError
			require.ErrorAs(t, err, &touched)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "nothing was done after it")
			require.ErrorContains(t, err, "irctl audit verify "+run.ID())
			_, again := run.Append(body(2))
			require.ErrorIs(t, again, err)
			after, _ := os.ReadFile(file)
			require.Equal(t, string(before), string(after))
		})
	}
}

// swap is a disk on which a journal is replaced between the moment in which it
// is locked and the moment in which that is looked at.
type swap struct {
	store.OS
	file string
}

func (s *swap) Stat(name string) (fs.FileInfo, error) {
	if file := s.file; name == file && isLocked(name) {
		s.file = ""
		data, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file+".new", data, 0o600)
		}
		if err == nil {
			err = os.Rename(file+".new", file)
		}
		if err != nil {
			return nil, err
		}
	}
	return s.OS.Stat(name)
}

func isLocked(name string) bool {
	probe := flock.New(name, flock.SetFlag(os.O_RDONLY))
	free, err := probe.TryRLock()
	return err == nil && !free || probe.Unlock() != nil
}

func TestTheLockedFileIsTheOneInTheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // an open file cannot be replaced there
	}
	disk := &swap{}
	s := store.Open(t.TempDir(), disk)
	run := create(t, s)
	require.NoError(t, run.Close())
	disk.file = path(s, run.ID(), "journal.jsonl")
	run, err := s.TakeOver(run.ID())
	require.NoError(t, err)
	require.Empty(t, disk.file, "the disk did its work")
	_, err = run.Append(body(2))
	require.NoError(t, err, "it locked the new file, not the old one")
	_, err = s.Drive(run.ID())
	var locked *store.LockedError
	require.ErrorAs(t, err, &locked)
	require.NoError(t, run.Close())
}

// A run of an older irctl has its lock in a file of its own. One that is driven
// by an older irctl is driven, and one that is not can be.
func TestRunOfAnOlderIrctl(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	old := path(s, run.ID(), "lock")
	require.NoError(t, os.WriteFile(old, nil, 0o600))
	if err := os.Remove(path(s, run.ID(), "place")); err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	older := flock.New(old)
	held, err := older.TryLock()
	require.NoError(t, err)
	require.True(t, held)
	_, driven, err := s.Driven(run.ID())
	require.NoError(t, err)
	require.True(t, driven)
	_, err = s.Drive(run.ID())
	var locked *store.LockedError
	require.ErrorAs(t, err, &locked)

	require.NoError(t, older.Unlock())
	run, err = s.Drive(run.ID())
	require.NoError(t, err)
	_, err = run.Append(body(2))
	require.NoError(t, err)
	held, err = older.TryLock()
	require.NoError(t, err)
	require.False(t, held, "an older irctl finds it driven")
	require.NoError(t, run.Close())
}

// A process with the number of the last driver, after the machine was started
// again, is not that driver.
func TestOwnerOfAnotherBootIsNotBelieved(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	record, err := os.ReadFile(path(s, run.ID(), "owner"))
	require.NoError(t, err)
	var owner store.Owner
	require.NoError(t, json.Unmarshal(record, &owner))
	if owner.Boot == "" {
		return // this system does not say
	}
	owner.Boot = "another"
	record, err = json.Marshal(owner)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path(s, run.ID(), "owner"), record, 0o600))
	owner, driven, err := s.Driven(run.ID())
	require.NoError(t, err)
	require.True(t, driven, "the lock is held")
	require.Zero(t, owner, "by whom is not known")
}

// Without a home nothing is kept, least of all in the working folder.
func TestStoreWithoutAHome(t *testing.T) {
	t.Chdir(t.TempDir())
	s := store.Open("", nil)
	id := newID(t, s)
	_, _, err := s.Create(id, documents, body(1))
	var none *store.NoHomeError
	require.ErrorAs(t, err, &none)
	_, err = s.Drive(id)
	require.ErrorAs(t, err, &none)
	_, err = s.Find("")
	require.ErrorAs(t, err, &none)
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, left)
}
