//go:build unix

package host_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/realtest"
)

// The patience of tests with what another process does.
const (
	eventually = 30 * time.Second
	often      = 5 * time.Millisecond
)

// TestFilesAreTheSameHereAndThere: a target type must not have to know.
func TestFilesAreTheSameHereAndThere(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) { files(t, h) })
	}
}

func files(t *testing.T, h *host.Host) {
	ctx, dir := t.Context(), t.TempDir()
	path, link := filepath.Join(dir, "it's a page"), filepath.Join(dir, "-link")

	_, err := h.ReadFile(ctx, path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	f, err := h.Stat(ctx, path)
	require.NoError(t, err)
	require.Zero(t, f)
	require.NoError(t, h.Remove(ctx, path), "nothing to remove")

	binary := bytes.Repeat([]byte{0, 1, 255, '\n', '\'', 'x'}, 20_000)
	require.NoError(t, h.WriteFile(ctx, path, binary, 0o640))
	got, err := h.ReadFile(ctx, path)
	require.NoError(t, err)
	require.Equal(t, binary, got)
	f, err = h.Stat(ctx, path)
	require.NoError(t, err)
	require.Equal(t, host.File{Mode: 0o640, Size: int64(len(binary)), UID: os.Getuid(), GID: os.Getgid()}, f)

	// What is there keeps its mode, a link stays, and no draft stays behind.
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, h.WriteFile(ctx, link, nil, 0o600))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	got, err = h.ReadFile(ctx, link)
	require.NoError(t, err)
	require.Empty(t, got)
	f, err = h.Stat(ctx, link)
	require.NoError(t, err)
	require.Equal(t, host.File{Mode: 0o640, UID: os.Getuid(), GID: os.Getgid()}, f)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)

	require.NoError(t, h.Remove(ctx, link), "the link goes, not what it names")
	f, err = h.Stat(ctx, path)
	require.NoError(t, err)
	require.NotEqual(t, host.File{}, f, "it is still there")

	f, err = h.Stat(ctx, dir)
	require.NoError(t, err)
	require.True(t, f.Mode.IsDir())
	_, err = h.ReadFile(ctx, dir)
	require.ErrorContains(t, err, "is not a regular file")
	require.ErrorContains(t, h.WriteFile(ctx, dir, nil, 0o600), "is not a regular file")
	dangling := filepath.Join(dir, "dangling")
	require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), dangling))
	require.ErrorContains(t, h.WriteFile(ctx, dangling, nil, 0o600), "is a symbolic link to a file that does not exist")
	require.ErrorIs(t, h.WriteFile(ctx, filepath.Join(dir, "no", "file"), nil, 0o600), fs.ErrNotExist)
}

// TestTheOwnerIsKept needs root, who alone can give files away; others learn
// that they cannot before anything changes.
func TestTheOwnerIsKept(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "main.cf")
			require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
			if os.Geteuid() != 0 {
				t.Logf("as %d only one's own files can be tried", os.Geteuid())
				require.NoError(t, h.WriteFile(t.Context(), path, []byte("new"), 0o600))
				return
			}
			require.NoError(t, os.Chown(path, 12345, 54321))
			require.NoError(t, h.WriteFile(t.Context(), path, []byte("new"), 0o600))
			f, err := h.Stat(t.Context(), path)
			require.NoError(t, err)
			require.Equal(t, host.File{Mode: 0o644, Size: 3, UID: 12345, GID: 54321}, f)
		})
	}
}
