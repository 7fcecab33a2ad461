package desk

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A home keeps thousands of archives, each of up to gigabytes: a pack unpacks one
// beside the one before it, and leaves none.
func TestAPackUnpacksNoMoreThanTwoArchivesAtATime(t *testing.T) {
	o := newOffice(t)
	const runs = 5
	for range runs {
		driving := o.begin()
		id := driving.Run()
		driving.Close()
		require.NoError(t, os.MkdirAll(filepath.Dir(o.store.Archive(id)), 0o700))
		require.NoError(t, o.desk("root").Export(id, o.store.Archive(id)))
		require.NoError(t, os.RemoveAll(o.store.Folder(id)))
	}
	d, scratch, asked := o.desk("root"), t.TempDir(), 0
	d.Scratch = func() (string, error) {
		asked++
		there, err := os.ReadDir(scratch)
		require.NoError(t, err)
		require.LessOrEqual(t, len(there), 1)
		return scratch, nil
	}
	out, err := d.PackAudit(t.Context(), time.Now().Add(-time.Hour), time.Now(), Handout{To: filepath.Join(t.TempDir(), "pack")})
	require.NoError(t, err)
	require.Equal(t, runs, out.Runs)
	require.Empty(t, out.Unread)
	require.Greater(t, asked, runs)
	left, err := os.ReadDir(scratch)
	require.NoError(t, err)
	require.Empty(t, left)
}
