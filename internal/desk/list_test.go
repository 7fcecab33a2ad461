package desk

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// listed is what a list says an hour later: the index keeps what nobody has
// touched for a while.
func (o *office) listed(t *testing.T) ([]projection.Row, []error) {
	t.Helper()
	d := o.desk("dana")
	d.Store = store.Open(o.store.Root(), nil, store.Clock(func() time.Time { return time.Now().Add(time.Hour) }))
	rows, unread, err := d.List(Filter{})
	require.NoError(t, err)
	return rows, unread
}

func TestAListSaysTheSameWithAndWithoutItsIndex(t *testing.T) {
	o := newOffice(t)
	waits := o.begin()
	waits.Close()
	ended := o.beginPlan(plantest.Build())
	require.NoError(t, ended.Drive(context.Background(), Session{Observer: make(watcher, 100)}))
	ended.Close()

	first, unread := o.listed(t)
	require.Empty(t, unread)
	require.Equal(t, []event.Status{event.Succeeded, event.Running}, []event.Status{first[0].Status, first[1].Status})
	again, _ := o.listed(t)
	require.Equal(t, first, again)

	journal := filepath.Join(o.store.Folder(first[0].Run), "journal.jsonl")
	text, err := os.ReadFile(journal)
	require.NoError(t, err)
	text[len(text)/2] ^= 1
	require.NoError(t, os.WriteFile(journal, text, 0o600))
	altered, unread := o.listed(t)
	require.Len(t, unread, 1)
	require.Equal(t, event.InDoubt, altered[0].Status)
}
