package store_test

import (
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
		for _, name := range []string{"journal.jsonl", "owner", "inbox/" + id + ".json", "replies/" + id + ".json", "work/left"} {
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
