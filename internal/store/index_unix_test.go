//go:build unix

package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
)

// later is when nobody changes the files of a test any more.
func later() time.Time { return time.Now().Add(time.Hour) }

const theRow = `{"run":"as read"}`

// indexed is a store with one run, of which the index keeps theRow.
func indexed(t *testing.T) (s *store.Store, run string) {
	t.Helper()
	s = store.Open(t.TempDir(), nil, store.Clock(later))
	r := create(t, s)
	_, err := r.Append(body(2), body(3))
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.NoError(t, keep(s, r.ID(), theRow))
	requireRow(t, s, r.ID(), theRow)
	return s, r.ID()
}

func keep(s *store.Store, run, row string) error {
	x := s.Index("form")
	_, files, _ := x.Row(run)
	x.Keep(run, files, []byte(row))
	return x.Save([]string{run})
}

// requireRow looks what the index says of a run, "" for nothing.
func requireRow(t *testing.T, s *store.Store, run, want string) {
	t.Helper()
	row, _, ok := s.Index("form").Row(run)
	require.Equal(t, want != "", ok)
	if ok {
		require.Equal(t, want, string(row))
	}
}

func TestAnIndexThatIsThrownAwayIsMadeAgain(t *testing.T) {
	for _, name := range []string{"index", "index.key"} {
		s, run := indexed(t)
		require.NoError(t, os.Remove(filepath.Join(s.Root(), name)))
		requireRow(t, s, run, "")
		require.NoError(t, keep(s, run, theRow))
		requireRow(t, s, run, theRow)
	}
}

func TestAnIndexIsNotTrustedOverFilesThatChanged(t *testing.T) {
	changes := map[string]func(t *testing.T, journal string){
		"one byte, with the old size and time": func(t *testing.T, journal string) {
			info, err := os.Stat(journal)
			require.NoError(t, err)
			text, err := os.ReadFile(journal)
			require.NoError(t, err)
			text[len(text)/2] ^= 1
			f, err := os.OpenFile(journal, os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.WriteAt(text, 0)
			require.NoError(t, errors.Join(err, f.Close(), os.Chtimes(journal, info.ModTime(), info.ModTime())))
		},
		"cut off":   func(t *testing.T, journal string) { require.NoError(t, os.Truncate(journal, 10)) },
		"empty":     func(t *testing.T, journal string) { require.NoError(t, os.Truncate(journal, 0)) },
		"not there": func(t *testing.T, journal string) { require.NoError(t, os.Remove(journal)) },
		"replaced by the same": func(t *testing.T, journal string) {
			text, err := os.ReadFile(journal)
			require.NoError(t, err)
			require.NoError(t, errors.Join(os.WriteFile(journal+".new", text, 0o600), os.Rename(journal+".new", journal)))
		},
		"the head": func(t *testing.T, journal string) {
			require.NoError(t, os.Truncate(filepath.Join(filepath.Dir(journal), "head"), 512))
		},
		"the plan": func(t *testing.T, journal string) {
			require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(journal), "plan.json"), []byte("{}"), 0o600))
		},
		"a document is gone": func(t *testing.T, journal string) {
			require.NoError(t, os.Remove(filepath.Join(filepath.Dir(journal), "runbook.yaml")))
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s, run := indexed(t)
			change(t, filepath.Join(s.Folder(run), "journal.jsonl"))
			requireRow(t, s, run, "")
		})
	}
	t.Run("driven on", func(t *testing.T) {
		s, run := indexed(t)
		r, err := s.Drive(run)
		require.NoError(t, err)
		_, err = r.Append(body(4))
		require.NoError(t, errors.Join(err, r.Close()))
		requireRow(t, s, run, "")
	})
}

func TestFilesThatChangedJustNowAreNotIndexed(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	r := create(t, s)
	_, files, _ := s.Index("form").Row(r.ID())
	require.Empty(t, files)
}

func TestAForgedOrDamagedIndexIsAsNone(t *testing.T) {
	changes := map[string]func(index []byte) []byte{
		"another row":   func(b []byte) []byte { return bytes.Replace(b, []byte("as read"), []byte("as lied"), 1) },
		"cut off":       func(b []byte) []byte { return b[:len(b)-5] },
		"empty":         func([]byte) []byte { return nil },
		"no line":       func([]byte) []byte { return bytes.Repeat([]byte{0}, 100) },
		"a line twice":  func(b []byte) []byte { return append(b, b[bytes.IndexByte(b, '\n')+1:]...) },
		"without proof": func(b []byte) []byte { return append([]byte("\"form\" \n"), b[bytes.IndexByte(b, '\n')+1:]...) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s, run := indexed(t)
			index := filepath.Join(s.Root(), "index")
			text, err := os.ReadFile(index)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(index, change(text), 0o600))
			requireRow(t, s, run, "")
			require.NoError(t, keep(s, run, theRow))
			requireRow(t, s, run, theRow)
		})
	}
	t.Run("with another key", func(t *testing.T) {
		s, run := indexed(t)
		require.NoError(t, os.WriteFile(filepath.Join(s.Root(), "index.key"), make([]byte, 32), 0o600))
		requireRow(t, s, run, "")
	})
	t.Run("with a key that is none", func(t *testing.T) {
		s, run := indexed(t)
		require.NoError(t, os.WriteFile(filepath.Join(s.Root(), "index.key"), nil, 0o600))
		requireRow(t, s, run, "")
		require.NoError(t, keep(s, run, theRow))
		requireRow(t, s, run, theRow)
	})
}

func TestAnIndexFromAnotherMachineOrIrctlIsAsNone(t *testing.T) {
	s, run := indexed(t)
	_, _, ok := s.Index("another form").Row(run)
	require.False(t, ok)

	copied := filepath.Join(t.TempDir(), "home")
	require.NoError(t, os.CopyFS(copied, os.DirFS(s.Root())))
	for _, name := range []string{"", "journal.jsonl", "head", "plan.json"} { // as with rsync --archive
		info, err := os.Stat(filepath.Join(s.Folder(run), name))
		require.NoError(t, err)
		require.NoError(t, os.Chtimes(filepath.Join(copied, "runs", run, name), info.ModTime(), info.ModTime()))
	}
	requireRow(t, store.Open(copied, nil, store.Clock(later)), run, "")
	requireRow(t, s, run, theRow)
}

func TestWritersOfAnIndexAtTheSameTimeLeaveAWholeOneOrNone(t *testing.T) {
	s, run := indexed(t)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for n := range 20 {
				_ = keep(s, run, fmt.Sprintf(`{"run":"as read","by":%d,"at":%d}`, i, n)) // one may take the other's file away
				row, _, ok := s.Index("form").Row(run)
				if ok && !bytes.HasPrefix(row, []byte(`{"run":"as read"`)) {
					t.Errorf("a row that nobody wrote: %s", row)
				}
			}
		})
	}
	writers.Wait()
	require.NoError(t, keep(s, run, theRow))
	requireRow(t, s, run, theRow)
}

func TestAnIndexWhoseWriterWasKilledIsTheOldOrTheNew(t *testing.T) {
	const other = `{"run":"as read again"}`
	killed := errors.New("killed")
	for _, withKey := range []bool{true, false} {
		for n, more := 1, true; more; n++ {
			for _, stage := range []storetest.Stage{storetest.Before, storetest.Half, storetest.After} {
				s, run := indexed(t)
				if !withKey {
					require.NoError(t, os.Remove(filepath.Join(s.Root(), "index.key")))
				}
				in := storetest.New(store.OS{}, func(p storetest.Point, at storetest.Stage) error {
					if p.N > n || p.N == n && at >= stage {
						return killed
					}
					return nil
				})
				err := keep(store.Open(s.Root(), in, store.Clock(later)), run, other)
				more = err != nil || len(in.Points()) >= n
				row, _, ok := s.Index("form").Row(run)
				require.True(t, !ok || string(row) == theRow || string(row) == other, "%s", row)
				require.NoError(t, keep(s, run, theRow))
				requireRow(t, s, run, theRow)
			}
		}
	}
}

func TestAHomeThatCanOnlyBeReadIsListedWithoutAnIndex(t *testing.T) {
	s, run := indexed(t)
	require.NoError(t, os.Remove(filepath.Join(s.Root(), "index")))
	readOnly := store.Open(s.Root(), storetest.New(store.OS{}, storetest.DeadFrom(1, os.ErrPermission)), store.Clock(later))
	require.ErrorIs(t, keep(readOnly, run, theRow), os.ErrPermission)
	requireRow(t, readOnly, run, "")
}

func TestTheIndexOfArchivesIsNotTrustedOverAnArchiveThatChanged(t *testing.T) {
	s, run := indexed(t)
	file := s.Archive(run)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte("one"), 0o600))
	row := func() (files string, ok bool) {
		_, files, ok = s.ArchiveIndex("form").Row(run)
		return files, ok
	}
	_, ok := row()
	require.False(t, ok, "a row of the run itself is none of its archive")
	x := s.ArchiveIndex("form")
	_, files, _ := x.Row(run)
	x.Keep(run, files, []byte(theRow))
	require.NoError(t, x.Save([]string{run}))
	_, ok = row()
	require.True(t, ok)
	archived, err := s.Archived()
	require.NoError(t, err)
	require.Equal(t, []string{run}, archived, "the index itself is no archive")

	require.NoError(t, os.WriteFile(file, []byte("two"), 0o600))
	_, ok = row()
	require.False(t, ok)
	require.NoError(t, os.Remove(file))
	files, ok = row()
	require.False(t, ok)
	require.Empty(t, files)
}
