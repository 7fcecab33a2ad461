package bench_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// signed is the beginning of a run whose journal has checkpoints.
type signed struct {
	id    string
	log   *journal.Log
	files store.Files
	first event.Event
}

func newSigned(b *testing.B, runs *store.Store, p *plan.Plan) signed {
	encoded, err := p.Encode()
	require.NoError(b, err)
	id, err := runs.NewID(time.Now())
	require.NoError(b, err)
	ratchet := journal.NewRatchet(journal.Origin(id))
	files := store.Files{Runbook: []byte("irctl: v1\n"), Plan: encoded}
	started := event.RunStarted{Run: id, Runbook: p.Runbook, Digest: files.Digests().Runbook, PlanDigest: files.Digests().Plan, LogKeys: ratchet.Keys()}
	return signed{id, journal.NewLog(ratchet), files, event.Event{Time: time.Now(), Body: started}}
}

func checkpoint(note, next string) ([]byte, error) {
	return event.Event{Time: time.Now(), Body: event.CheckpointSigned{Note: note, NextKey: next}}.Encode()
}

// driveSigned carries out a plan as irctl does, with a checkpoint after every
// change, or with none. It returns how long that took.
func driveSigned(b *testing.B, p *plan.Plan, sign bool) time.Duration {
	runs := store.Open(b.TempDir(), nil)
	start := time.Now()
	s := newSigned(b, runs, p)
	if !sign {
		s.log = journal.NewLog(nil)
	}
	body, err := s.first.Encode()
	require.NoError(b, err)
	run, _, err := runs.CreateSigned(s.id, s.files, s.log, checkpoint, body)
	require.NoError(b, err)
	state, err := engine.Apply(engine.New(p), s.first)
	require.NoError(b, err)
	_, err = local.Run(b.Context(), state, local.Config{
		Driver: drive.New(drive.Config{Run: s.id, Now: time.Now, Action: func(string) (action.Action, bool) { return nothing{}, true }}),
		Append: func(due journal.Due, bodies ...[]byte) ([][]byte, error) {
			return run.AppendSigned(due, checkpoint, bodies...)
		},
		Signs: sign, Now: time.Now,
	})
	require.NoError(b, err)
	require.NoError(b, run.Close())
	return time.Since(start)
}

// BenchmarkCheckpoint drives steps that each change something, in turn with a
// checkpoint after every change and with none: what is between them is the tree,
// the signature, the next key, the longer write and the secret that is written
// over.
func BenchmarkCheckpoint(b *testing.B) {
	const steps = 1000
	var with, without time.Duration
	for b.Loop() {
		for range 5 { // little at a time: the disk's mood changes
			without += driveSigned(b, sequence(steps), false)
			with += driveSigned(b, sequence(steps), true)
		}
	}
	n := float64(b.N * 5 * steps)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(micro(without)/n, "step-us")
	b.ReportMetric(micro(with)/n, "signed-us")
	b.ReportMetric(float64(with-without)/float64(without), "share")
}

// verify verifies runs of 100,000 entries, and has sha256sum read the same bytes
// in turn: one in which every change was signed, and one in which nothing changed,
// so that there is a checkpoint after 64 entries.
func (p programs) verify(b *testing.B) {
	for _, kind := range []struct {
		name         string
		steps, batch int
		due          journal.Due
	}{{"changes", 33_333, 2, journal.Now}, {"looks", 49_230, 64, journal.Later}} {
		b.Run(kind.name, func(b *testing.B) {
			home := b.TempDir()
			runs := store.Open(home, unsynced{})
			s := newSigned(b, runs, sequence(kind.steps))
			bodies := said(b, s.id, s.first.Body, sequence(kind.steps))
			run, _, err := runs.CreateSigned(s.id, s.files, s.log, checkpoint, bodies[0])
			require.NoError(b, err)
			for rest := bodies[1:]; len(rest) > 0; rest = rest[min(kind.batch, len(rest)):] {
				_, err = run.AppendSigned(kind.due, checkpoint, rest[:min(kind.batch, len(rest))]...)
				require.NoError(b, err)
			}
			require.NoError(b, run.Close())
			b.Logf("%d entries", run.Head().Seq)
			var ours, busy, theirs time.Duration
			for b.Loop() {
				wall, cpu := measured(b, p.irctl, "audit", "verify", "--home", home)
				ours, busy = ours+wall, busy+cpu
				theirs += timed(b, "sha256sum", filepath.Join(run.Folder(), "journal.jsonl"))
			}
			report(b, ours)
			info, err := os.Stat(filepath.Join(run.Folder(), "journal.jsonl"))
			require.NoError(b, err)
			b.ReportMetric(milli(busy)/float64(b.N), "cpu-ms")
			b.ReportMetric(milli(theirs)/float64(b.N), "sha256sum-ms")
			b.ReportMetric(float64(ours)/float64(theirs), "x-sha256sum")
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		})
	}
}
