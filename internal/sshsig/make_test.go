package sshsig_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/sshsig"
)

// A key is there whole or not at all, and whatever has one of its two names stays
// what it is.
func TestAKeyThatIsMadeOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	make := func(name string) error {
		return sshsig.Make(t.Context(), filepath.Join(dir, name), "comment", nil, io.Discard, "-t", "ed25519", "-N", "")
	}
	require.NoError(t, make("key"))
	for name, mode := range map[string]fs.FileMode{"key": 0o600, "key.pub": 0o644} {
		info, err := os.Lstat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode())
	}
	_, err := sshsig.Ring{}.Public(filepath.Join(dir, "key"))
	require.NoError(t, err)

	kept := []byte("somebody's")
	victim := filepath.Join(dir, "victim")
	for _, at := range []string{"", ".pub"} {
		for how, put := range map[string]func(file string){
			"file": func(file string) { require.NoError(t, os.WriteFile(file+at, kept, 0o600)) },
			"link": func(file string) {
				require.NoError(t, os.WriteFile(victim, kept, 0o600))
				require.NoError(t, os.Symlink(victim, file+at))
			},
			"dangling": func(file string) { require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), file+at)) },
			"folder":   func(file string) { require.NoError(t, os.Mkdir(file+at, 0o700)) },
		} {
			name := how + "-of" + at
			put(filepath.Join(dir, name))
			err := make(name)
			require.True(t, errors.Is(err, fs.ErrExist), "%s: %v", name, err)
			if at == ".pub" {
				require.NoFileExists(t, filepath.Join(dir, name), "no half of a key")
			}
			require.NoFileExists(t, filepath.Join(dir, "nowhere"))
			if how == "file" || how == "link" {
				now, err := os.ReadFile(filepath.Join(dir, name+at))
				require.NoError(t, err)
				require.Equal(t, kept, now)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "no draft stays")
}
