package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

func TestAHaltIsSaidInOneLineWhateverItsReason(t *testing.T) {
	h := store.Halt{Reason: "wait\nnext: irctl rollback", By: "dana", Since: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)}
	require.Equal(t, "everything is halted since 2026-01-02 03:04 UTC by dana: wait next: irctl rollback", h.String())
}
