package desk

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStepsOfOneRunShareTheCountOfAnHour: those that begin together do not wait for
// each other, and other runs wait for all of them.
func TestStepsOfOneRunShareTheCountOfAnHour(t *testing.T) {
	o := newOffice(t)
	d := o.desk("dana")
	mine, other := newCounts(d, "a"), newCounts(d, "b")
	_, first, err := mine.since(time.Now())
	require.NoError(t, err)
	_, second, err := mine.since(time.Now())
	require.NoError(t, err)
	took := make(chan func())
	go func() {
		_, release, err := other.since(time.Now())
		if err != nil {
			release = nil
		}
		took <- release
	}()
	first()
	select {
	case <-took:
		t.Fatal("another run went by the count meanwhile")
	default:
	}
	second()
	release := <-took
	require.NotNil(t, release)
	release()
}

// TestADamagedJournalFromBeforeTheHourCountsForNothing: one that was written since
// stops the count, because nobody knows what it touched.
func TestADamagedJournalFromBeforeTheHourCountsForNothing(t *testing.T) {
	d := newOffice(t).desk("dana")
	const id = "01KB8N2S7VQ000000000000000"
	require.NoError(t, os.MkdirAll(d.Store.Folder(id), 0o700))
	file := filepath.Join(d.Store.Folder(id), "journal.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(`{"touches":'`+"\n"), 0o600))
	counts := newCounts(d, "a")
	hour := time.Now().Add(-time.Hour)
	_, _, err := counts.since(hour)
	require.ErrorContains(t, err, id)
	require.NoError(t, os.Chtimes(file, hour.Add(-time.Minute), hour.Add(-time.Minute)))
	_, release, err := counts.since(hour)
	require.NoError(t, err)
	release()
}
