package store_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// TestImportTakesNoRequests: what somebody put into the file to be asked of the
// run, or as who drives it, is nobody's word here. The journal alone counts.
func TestImportTakesNoRequests(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	id, err := s.NewID(time.Now())
	require.NoError(t, err)
	require.NoError(t, s.Import(id, func(into string) (string, error) {
		folder := filepath.Join(into, id)
		for _, name := range []string{"journal.jsonl", "owner", "inbox/" + id + ".json", "replies/" + id + ".json"} {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o600))
		}
		return folder, nil
	}))
	var files []string
	require.NoError(t, filepath.WalkDir(s.Folder(id), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, e.Name())
		}
		return err
	}))
	require.Equal(t, []string{"journal.jsonl"}, files)
	require.DirExists(t, filepath.Join(s.Folder(id), "inbox"))
}

// TestWhatUndoNeedsMovesWithTheRun: what steps kept of the state before is packed
// and unpacked; a copy that lacks it, or holds it otherwise, is not the same.
func TestWhatUndoNeedsMovesWithTheRun(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	r := create(t, s)
	require.NoError(t, os.WriteFile(filepath.Join(r.Work(), "before"), []byte("the page"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(r.Work(), "draft"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(r.Work(), "draft", "half"), nil, 0o600))
	require.NoError(t, r.Close())
	file := s.Archive(r.ID())
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	f, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, s.Pack(r.ID(), f))
	require.NoError(t, f.Close())

	other := store.Open(t.TempDir(), nil)
	require.NoError(t, other.Import(r.ID(), func(into string) (string, error) { return store.Unpack(file, into) }))
	kept, err := os.ReadFile(filepath.Join(other.Work(r.ID()), "before"))
	require.NoError(t, err)
	require.Equal(t, "the page", string(kept))
	require.NoDirExists(t, filepath.Join(other.Work(r.ID()), "draft"))

	here, err := s.Reader(r.ID())
	require.NoError(t, err)
	there, err := other.Reader(r.ID())
	require.NoError(t, err)
	same, err := store.SameWork(here, there)
	require.NoError(t, err)
	require.True(t, same)
	require.NoError(t, os.WriteFile(filepath.Join(other.Work(r.ID()), "before"), []byte("another"), 0o600))
	same, err = store.SameWork(here, there)
	require.NoError(t, err)
	require.False(t, same)
	require.NoError(t, os.Remove(filepath.Join(other.Work(r.ID()), "before")))
	same, err = store.SameWork(here, there)
	require.NoError(t, err)
	require.False(t, same)
}

// TestWhatIsNoPartOfARunIsNotPackedWithIt: a file that somebody put beside the
// journal goes into no archive and no export, whose lists of digests its name
// could break.
func TestWhatIsNoPartOfARunIsNotPackedWithIt(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	r := create(t, s)
	require.NoError(t, s.KeepReceipt(r.ID(), "w-1", []byte("{}")))
	require.NoError(t, r.Close())
	want := belongings(t, s, r.ID())
	require.Contains(t, want, "anchor-w-1.json")
	for _, name := range []string{"more", "a\nb", "tail-\x1b[2J", "anchor-\n.json", "artifacts/x", "artifacts/a\nb", "journal.jsonl "} {
		require.NoError(t, os.WriteFile(filepath.Join(s.Folder(r.ID()), name), []byte("x"), 0o600))
	}
	require.Equal(t, want, belongings(t, s, r.ID()))
}

// belongings are the names of what a copy of a run has.
func belongings(t *testing.T, s *store.Store, id string) (names []string) {
	reader, err := s.Reader(id)
	require.NoError(t, err)
	require.NoError(t, reader.Belongings(func(name string, _ io.Reader) error {
		names = append(names, name)
		return nil
	}))
	return names
}
