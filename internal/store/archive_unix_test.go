//go:build unix

package store_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// TestUnpackWaitsForNoPipe: a pipe that somebody put where an archive should be
// is refused at once.
func TestUnpackWaitsForNoPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "run.tar")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	_, err := store.Unpack(pipe, t.TempDir())
	require.ErrorContains(t, err, "is no regular file")
}
