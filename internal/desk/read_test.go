package desk

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestARenamedCopyIsNoOtherRun: whoever reads a folder by its id is not shown
// another run, and the list says so.
func TestARenamedCopyIsNoOtherRun(t *testing.T) {
	o := newOffice(t)
	d := o.begin()
	run := d.Run()
	d.Close()
	id, err := o.store.NewID(time.Now().Add(time.Second))
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(o.store.Folder(id), os.DirFS(o.store.Folder(run))))
	require.NoError(t, filepath.WalkDir(o.store.Folder(id), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	}))
	_, err = o.desk("root").Read(id)
	var altered *AlteredError
	require.ErrorAs(t, err, &altered)
	require.EqualError(t, err, "run "+id+" was altered: the journal in this folder is that of run "+run+": the folder is a copy of that one, or was renamed")
	rows, unread, err := o.desk("root").List(Filter{})
	require.NoError(t, err)
	require.Len(t, unread, 1)
	require.ErrorAs(t, unread[0], &altered)
	require.Equal(t, []string{id, run}, []string{rows[0].Run, rows[1].Run})
}
