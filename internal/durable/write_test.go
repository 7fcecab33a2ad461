package durable

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestWriteKeepsPermissionsAndLinks(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "page"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, Write(link, []byte("new"), 0o600))
	require.Equal(t, "new", read(t, path))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no draft stays behind")
}

func TestWriteRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, Write(dir, nil, 0o600), "not a regular file")
	require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "link")))
	require.ErrorContains(t, Write(filepath.Join(dir, "link"), nil, 0o600), "does not exist")
	require.ErrorIs(t, Write(filepath.Join(dir, "no", "file"), nil, 0o600), fs.ErrNotExist)
}

func TestWriteInReplacesALinkInsteadOfFollowingIt(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.WriteFile(outside, []byte("untouched"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "name")))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	require.NoError(t, WriteIn(root, "name", []byte("new"), 0o600))
	require.Equal(t, "untouched", read(t, outside))
	require.Equal(t, "new", read(t, filepath.Join(dir, "name")))
	// A draft that a crash left behind is in nobody's way.
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".name.part"), []byte("half"), 0o600))
	require.NoError(t, WriteIn(root, "name", []byte("newer"), 0o600))
	require.Equal(t, "newer", read(t, filepath.Join(dir, "name")))
}

func TestRemoveIsDoneWhenThereIsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flag")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, Remove(path))
	require.NoError(t, Remove(path))
	require.NoFileExists(t, path)
}

func TestReplaceSetsPermissionsAndReplacesALink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "page"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, Replace(link, []byte("new"), 0o600, nil))
	require.Equal(t, "old", read(t, path))
	require.NoError(t, Replace(path, []byte("newer"), 0o604, nil))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o604), info.Mode())
	require.Equal(t, "newer", read(t, path))
	require.ErrorContains(t, Replace(dir, nil, 0o600, nil), "not a regular file")
}

func TestCopyInThatFailsLeavesTheOldFileAndNoDraft(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "name"), []byte("old"), 0o600))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	_, err = CopyIn(root, "name", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)), 0o600)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "old", read(t, filepath.Join(dir, "name")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// A process that was killed leaves its draft; the next write of the file removes it
// a day later, and no other file's.
func TestDraftsThatWereLeftAreSwept(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{".a.123.part", ".a.124.part", ".b.123.part", ".a.conf", "a.part"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		if name != ".a.124.part" {
			require.NoError(t, os.Chtimes(filepath.Join(dir, name), old, old))
		}
	}
	require.NoError(t, Write(filepath.Join(dir, "a"), []byte("new"), 0o600))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, []string{".a.124.part", ".a.conf", ".b.123.part", "a", "a.part"}, names)
}

func TestADraftOfAKilledProcessGoesWithALaterOne(t *testing.T) {
	dir := t.TempDir()
	left, err := Draft(dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(left, "id_ed25519"), []byte("half a key"), 0o600))
	young, err := Draft(dir)
	require.NoError(t, err)
	require.DirExists(t, left, "somebody may be at it")
	old := time.Now().Add(-8 * 24 * time.Hour)
	other := filepath.Join(dir, ".irctl-mine")
	require.NoError(t, os.Mkdir(other, 0o700))
	for _, folder := range []string{left, other} {
		require.NoError(t, os.Chtimes(folder, old, old))
	}
	_, err = Draft(dir)
	require.NoError(t, err)
	require.NoDirExists(t, left)
	require.DirExists(t, young)
	require.DirExists(t, other, "nobody made that as a draft")
}
