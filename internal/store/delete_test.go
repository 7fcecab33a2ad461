package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// TestNobodyAddsToARunWhileItIsDeleted: what somebody was told is durable must
// be in the archive, and that is compared while nobody else can write.
func TestNobodyAddsToARunWhileItIsDeleted(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run, _, err := s.Create(newID(t, s), documents, body(1))
	require.NoError(t, err)
	never := func() error { t.Error("it is driven"); return nil }
	var locked *store.LockedError
	require.ErrorAs(t, s.Delete(run.ID(), never), &locked)
	require.NoError(t, run.Close())

	older := errors.New("its archive is older")
	require.ErrorIs(t, s.Delete(run.ID(), func() error {
		_, err := s.Drive(run.ID())
		require.ErrorAs(t, err, &locked)
		return older
	}), older)
	again, err := s.Drive(run.ID())
	require.NoError(t, err, "it stays as it was")
	require.NoError(t, again.Close())

	require.NoError(t, s.Delete(run.ID(), func() error { return nil }))
	ids, err := s.List()
	require.NoError(t, err)
	require.Empty(t, ids)
	rest, err := filepath.Glob(filepath.Join(s.Root(), "runs", ".*"))
	require.NoError(t, err)
	require.Empty(t, rest)
}
