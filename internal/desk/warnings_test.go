package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Who takes all checkpoints out, and the keys and the secret with them, has made a
// journal as an older irctl wrote them. That this one began it is told.
func TestAJournalWithoutCheckpointsIsOfAnOlderIrctlOrStripped(t *testing.T) {
	o := newOffice(t)
	encoded, err := plantest.Build(plantest.Node(plan.Manual, "call")).Encode()
	require.NoError(t, err)
	files := store.Files{Runbook: []byte("irctl: v1"), Plan: encoded}
	for irctl, warned := range map[string]bool{"older": false, "test": true} {
		id, err := o.store.NewID(time.Now())
		require.NoError(t, err)
		digests := files.Digests()
		first, err := event.Event{Time: time.Now(), Body: event.RunStarted{Run: id, Irctl: irctl, Runbook: "test", Digest: digests.Runbook, PlanDigest: digests.Plan}}.Encode()
		require.NoError(t, err)
		run, _, err := o.store.Create(id, files, first)
		require.NoError(t, err)
		require.NoError(t, run.Close())
		v, err := o.desk("root").Verify(id, journal.Given{}, anchor.Trust{})
		require.NoError(t, err)
		require.Equal(t, warned, len(v.Warnings) > 0, irctl)
		r, err := o.desk("root").Read(id)
		require.NoError(t, err)
		status, err := o.desk("root").Status(r)
		require.NoError(t, err)
		require.Equal(t, v.Warnings, status.Warnings)
		if warned {
			require.Contains(t, status.Warnings[0], "they were taken out")
		}
	}
}
