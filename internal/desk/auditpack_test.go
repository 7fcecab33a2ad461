package desk

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/event"
)

// A home keeps thousands of archives, each of up to gigabytes: a pack unpacks one
// beside the one before it, and leaves none.
func TestAPackUnpacksNoMoreThanTwoArchivesAtATime(t *testing.T) {
	const runs = 5
	d, scratch, asked := archived(t, runs, 1)
	out, err := d.PackAudit(t.Context(), time.Now().Add(-time.Hour), time.Now(), Handout{To: filepath.Join(t.TempDir(), "pack")})
	require.NoError(t, err)
	require.Equal(t, runs, out.Runs)
	require.Empty(t, out.Unread)
	require.Greater(t, int(asked.Load()), runs)
	left, err := os.ReadDir(scratch)
	require.NoError(t, err)
	require.Empty(t, left)
}

// The same of an incident with many runs, which are read beside each other first.
func TestAnIncidentUnpacksFewArchivesAtATime(t *testing.T) {
	runs := 3 * runtime.GOMAXPROCS(0)
	d, scratch, asked := archived(t, runs, runtime.GOMAXPROCS(0))
	out, unread, err := d.Incident("INC-1")
	require.NoError(t, err)
	require.Empty(t, unread)
	require.Len(t, out.Runs, runs)
	require.GreaterOrEqual(t, int(asked.Load()), runs)
	left, err := os.ReadDir(scratch)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestWhatIsImportedIsWhatVerified: somebody puts another archive in the place of
// the one that was just verified.
func TestWhatIsImportedIsWhatVerified(t *testing.T) {
	o := newOffice(t)
	driving := o.begin()
	id := driving.Run()
	driving.Close()
	file, other := filepath.Join(t.TempDir(), "run.tar.gz"), filepath.Join(t.TempDir(), "other.tar.gz")
	require.NoError(t, o.desk("root").Export(id, file))
	forged, err := os.ReadFile(filepath.Join(o.store.Folder(id), "journal.jsonl"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(o.store.Folder(id), "journal.jsonl"), bytes.Replace(forged, []byte(`"user":"root"`), []byte(`"user":"mori"`), 1), 0o600))
	require.NoError(t, o.desk("root").Export(id, other))

	here := newOffice(t)
	here.store = store.Open(t.TempDir(), storetest.New(store.OS{}, func(p storetest.Point, s storetest.Stage) error {
		if p.Op == "mkdir" && strings.Contains(p.File, id) && s == storetest.Before {
			return os.Rename(other, file)
		}
		return nil
	}))
	d := here.desk("root")
	d.Scratch = func() (string, error) { return t.TempDir(), nil }
	_, err = d.Import(file)
	require.ErrorContains(t, err, "was changed after it had been verified")
	ids, err := here.store.List()
	require.NoError(t, err)
	require.Empty(t, ids)
}

// archived is a desk whose runs are in archives alone, of which so many may be
// unpacked when one more is.
func archived(t *testing.T, runs, most int) (d *Desk, scratch string, asked *atomic.Int32) {
	o := newOffice(t)
	o.inputs = event.Values{"incident": "INC-1"}
	p := plantest.Build(plantest.Node(plan.Manual, "call"))
	p.Inputs = []plan.Field{{Name: "incident", Type: "string"}}
	for range runs {
		driving := o.beginPlan(p)
		id := driving.Run()
		driving.Close()
		require.NoError(t, os.MkdirAll(filepath.Dir(o.store.Archive(id)), 0o700))
		require.NoError(t, o.desk("root").Export(id, o.store.Archive(id)))
		require.NoError(t, os.RemoveAll(o.store.Folder(id)))
	}
	d, scratch, asked = o.desk("root"), t.TempDir(), new(atomic.Int32)
	d.Scratch = func() (string, error) {
		asked.Add(1)
		there, err := os.ReadDir(scratch)
		require.NoError(t, err)
		require.LessOrEqual(t, len(there), most)
		return scratch, nil
	}
	return d, scratch, asked
}
