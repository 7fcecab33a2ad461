//go:build unix

package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

func TestAFileThatSomebodyChangedIsNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "denied")
	require.NoError(t, os.WriteFile(path, []byte("theirs"), 0o600))
	seen := ""
	err := Replace(path, []byte("ours"), 0o600, func(now []byte) bool { seen = string(now); return false })
	require.ErrorIs(t, err, ErrChanged)
	require.Equal(t, "theirs", seen)
	require.Equal(t, "theirs", read(t, path))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no draft stays behind")
	require.NoError(t, Replace(filepath.Join(filepath.Dir(path), "new"), nil, 0o600, func(now []byte) bool { return now == nil }))
}

// TestFilesOfAFolderAreReplacedOneAfterTheOther: from the last look at a file
// until another is in its place, nobody else gets the lock.
func TestFilesOfAFolderAreReplacedOneAfterTheOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "denied")
	other := flock.New(filepath.Dir(path), flock.SetFlag(os.O_RDONLY))
	require.NoError(t, Replace(path, []byte("ours"), 0o600, func([]byte) bool {
		got, err := other.TryLock()
		require.NoError(t, err)
		require.False(t, got)
		return true
	}))
	got, err := other.TryLock()
	require.NoError(t, err)
	require.True(t, got)
	require.NoError(t, other.Close())
}

func TestAFileWithAnotherNameIsRefusedBeforeAnythingChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "htpasswd")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, Replaceable(path))
	require.NoError(t, os.Link(path, path+".second"))
	for _, err := range []error{Replaceable(path), Replace(path, []byte("new"), 0o600, nil)} {
		var lost *LostError
		require.True(t, errors.As(err, &lost))
		require.Equal(t, LostError{Path: path, What: Links}, *lost)
	}
	require.Equal(t, "old", read(t, path))
	require.Equal(t, "old", read(t, path+".second"))
}
