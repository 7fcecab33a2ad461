//go:build unix

package store_test

import (
	"os"
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

// TestAPipeInPlaceOfAJournalHoldsNobody: nor does one in place of an older lock.
func TestAPipeInPlaceOfAJournalHoldsNobody(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	for _, name := range []string{"journal.jsonl", "lock"} {
		run := create(t, s)
		require.NoError(t, run.Close())
		_ = os.Remove(path(s, run.ID(), name))
		require.NoError(t, syscall.Mkfifo(path(s, run.ID(), name), 0o600))
		_, _, err := s.Driven(run.ID())
		require.ErrorContains(t, err, "is not a regular file", name)
		_, err = s.TakeOver(run.ID())
		require.ErrorContains(t, err, "is not a regular file", name)
	}
}
