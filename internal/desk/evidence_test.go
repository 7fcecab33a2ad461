package desk

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// paused is a run that nobody drives, and a file for it.
func (o *office) paused() (run, file string) {
	t := o.begin()
	require.NoError(o.t, t.Drive(o.t.Context(), Session{Observer: make(watcher, 100)}))
	file = filepath.Join(o.t.TempDir(), "mail.eml")
	require.NoError(o.t, os.WriteFile(file, bytes.Repeat([]byte("0123456789abcdef"), 1<<14), 0o600))
	return t.Run(), file
}

// over is the same home on a disk at which something happens.
func (o *office) over(at storetest.At) *Desk {
	d := o.desk("dana")
	d.Store = store.Open(o.store.Root(), storetest.New(store.OS{}, at))
	return d
}

func TestAFileThatChangesWhileItIsCopiedIsSaid(t *testing.T) {
	for what, change := range map[string]struct {
		do   func(file string) error
		says string
	}{
		"written to": {func(file string) error {
			f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
			require.NoError(t, err)
			defer func() { _ = f.Close() }()
			_, err = f.WriteString("more")
			return err
		}, "it was written to while it was copied: 262144 bytes before, 262148 after"},
		"replaced": {func(file string) error {
			require.NoError(t, os.WriteFile(file+".new", nil, 0o600))
			return os.Rename(file+".new", file)
		}, "another file took its name while it was copied"},
	} {
		o := newOffice(t)
		run, file := o.paused()
		once := false
		d := o.over(func(p storetest.Point, s storetest.Stage) error {
			if !once && p.Op == "write" && s == storetest.Half {
				once = true
				require.NoError(t, change.do(file))
			}
			return nil
		})
		added, err := d.AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{})
		require.NoError(t, err, what)
		require.Len(t, added, 1)
		require.Equal(t, change.says, added[0].Changed)
		v, err := d.Verify(run, journal.Given{}, anchor.Trust{})
		require.NoError(t, err)
		require.Equal(t, "intact", string(v.Report.Verdict), "what is kept is what was read")
	}
	o := newOffice(t)
	run, file := o.paused()
	added, err := o.desk("dana").AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{})
	require.NoError(t, err)
	require.Empty(t, added[0].Changed)
}

func TestAFullDiskIsSaidAndNothingOfTheFileIsRecorded(t *testing.T) {
	o := newOffice(t)
	run, file := o.paused()
	before := o.head(run)
	d := o.over(func(p storetest.Point, s storetest.Stage) error {
		if p.Op == "write" && s == storetest.Half {
			return syscall.ENOSPC
		}
		return nil
	})
	added, err := d.AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{})
	require.ErrorContains(t, err, "the disk is full")
	require.Empty(t, added)
	require.Equal(t, before, o.head(run))
	left, err := os.ReadDir(filepath.Join(o.store.Folder(run), "artifacts"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAFileThatIsTooLargeIsRefusedBeforeItIsCopied(t *testing.T) {
	o := newOffice(t)
	run, file := o.paused()
	require.NoError(t, os.Truncate(file, MaxEvidence+1)) // sparse
	_, err := o.desk("dana").AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{})
	require.ErrorContains(t, err, "it has more than 4 GiB; split it")

	// What has no size, such as a pipe, ends there.
	from := &measured{from: strings.NewReader("0123456789"), room: 5}
	_, err = o.store.Deposit(run, from, func(s string) string { return s })
	require.Error(t, err)
	require.ErrorIs(t, from.err, errTooLarge)
}

func TestEvidenceIsRecordedByTheDriverAndForgedEvidenceIsNot(t *testing.T) {
	o := newOffice(t)
	_, file := o.paused()
	driving := o.begin()
	run := driving.Run()
	w := o.driven(driving)
	w.until(t, event.ApprovalAsked{}.Type())
	d := o.desk("alex")
	added, err := d.AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{EvidenceAdded: event.EvidenceAdded{Source: "a laptop"}})
	require.NoError(t, err)
	require.Len(t, added, 1)
	require.Equal(t, "alex@host", strings.TrimSuffix(strings.TrimPrefix(added[0].By, "alex ("), ")"))
	give, err := d.HandOverOf(run, added[0].ID, "Legal\x1b[2J", "claim", "")
	require.NoError(t, err)
	_, err = d.Submit(t.Context(), run, give, false)
	require.NoError(t, err)

	before := o.head(run)
	by := &event.Actor{User: "alex", Person: "alex"}
	for _, e := range []event.Body{
		event.EvidenceAdded{File: event.Artifact{Name: "x", Digest: strings.Repeat("0", 64), Size: 3}},
		event.EvidenceAdded{File: event.Artifact{Name: "x", Digest: "../../head", Size: 3}},
		event.EvidenceAdded{File: event.Artifact{Name: "x", Digest: added[0].Digest, Size: 3}},
		event.EvidenceHandedOver{Item: added[0].ID, Digest: added[0].Digest, To: " ", Reason: "x"},
	} {
		require.Error(t, o.forge(run, store.Who{User: "alex"}, event.Event{Time: time.Now(), By: by, Body: e}))
	}
	require.Equal(t, before, o.head(run))

	// Of what is not there a hand-over is no hand-over of anything else.
	require.NoError(t, o.forge(run, store.Who{User: "alex"}, event.Event{Time: time.Now(), By: by,
		Body: event.EvidenceHandedOver{Item: added[0].ID, Digest: strings.Repeat("0", 64), To: "Mallory", Reason: "x"}}))
	c, err := d.Custody(run)
	require.NoError(t, err)
	require.Len(t, c.Find(added[0].ID).HandOvers, 1)
	require.Equal(t, "Legal␛[2J", c.Find(added[0].ID).HandOvers[0].To)
	require.Equal(t, "Mallory", c.Strays[0].To)
}

func TestAnExportThatIsBrokenOffLeavesNothing(t *testing.T) {
	o := newOffice(t)
	run, file := o.paused()
	d := o.desk("dana")
	_, err := d.AddEvidence(t.Context(), run, []string{file}, request.GivenEvidence{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	folder := t.TempDir()
	h := Handout{To: filepath.Join(folder, "out"), Sheet: func(*projection.Custody, []Exported) string { cancel(); return "" }}
	_, err = d.ExportEvidence(ctx, run, h)
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}
