package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// nothing is an action that does nothing, so that only irctl's own work is
// measured.
type nothing struct{}

func (nothing) Spec() action.Spec { return action.Spec{Name: "test.nothing", Effect: action.Change} }

func (nothing) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{Changed: true}, nil
}

func sequence(n int) *plan.Plan {
	steps := make([]plantest.Step, n)
	for i := range steps {
		steps[i] = plantest.Do(fmt.Sprintf("step-%d", i))
	}
	return plantest.Build(steps...)
}

// driven runs a plan on the real store in a folder and returns how many bytes
// its journal has.
func driven(b *testing.B, folder string, p *plan.Plan) int64 {
	encoded, err := p.Encode()
	require.NoError(b, err)
	s := store.Open(folder, nil)
	id, err := s.NewID(time.Now())
	require.NoError(b, err)
	first := event.Event{Time: time.Now(), Body: event.RunStarted{Run: id}}
	body, err := first.Encode()
	require.NoError(b, err)
	run, _, err := s.Create(id, store.Files{Runbook: []byte("irctl: v1\n"), Plan: encoded}, body)
	require.NoError(b, err)
	defer func() { require.NoError(b, run.Close()) }()
	state, err := engine.Apply(engine.New(p), first)
	require.NoError(b, err)
	state, err = local.Run(b.Context(), state, local.Config{
		Driver: drive.New(drive.Config{Run: id, Now: time.Now, Action: func(string) (action.Action, bool) { return nothing{}, true }}),
		Append: run.Append, Now: time.Now,
	})
	require.NoError(b, err)
	require.Equal(b, event.Succeeded, state.Status())
	info, err := os.Stat(filepath.Join(run.Folder(), "journal.jsonl"))
	require.NoError(b, err)
	return info.Size()
}

// BenchmarkSequentialStep measures what irctl adds to each step of a sequence
// and, in turn, writing and syncing the same bytes to a plain file on the same
// disk. The metric "x-of-fsync" is how many times as long a whole step takes.
func BenchmarkSequentialStep(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := sequence(n)
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				size := driven(b, b.TempDir(), p)
				ours += time.Since(start)
				theirs += synced(b, n, int(size)/n)
			}
			steps := float64(b.N * n)
			b.ReportMetric(float64(ours.Nanoseconds())/steps, "step-ns")
			b.ReportMetric(float64(theirs.Nanoseconds())/steps, "fsync-ns")
			b.ReportMetric(float64(ours)/float64(theirs), "x-of-fsync")
		})
	}
}

// synced is how long n writes of size bytes take, each with its own fsync.
func synced(b *testing.B, n, size int) time.Duration {
	f, err := os.OpenFile(filepath.Join(b.TempDir(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(b, err)
	defer func() { require.NoError(b, f.Close()) }()
	chunk := make([]byte, size)
	start := time.Now()
	for range n {
		_, err := f.Write(chunk)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
	return time.Since(start)
}

// BenchmarkFold measures what status costs: decoding and folding a journal of
// 100,000 entries.
func BenchmarkFold(b *testing.B) {
	const steps = 50_000
	p := sequence(steps)
	lines := make([][]byte, 0, 2*steps)
	add := func(path string, body event.Body) {
		line, err := event.Event{Time: time.Now(), Path: path, Body: body}.Encode()
		require.NoError(b, err)
		lines = append(lines, line)
	}
	add("", event.RunStarted{Run: "01RUN"})
	for i := range steps {
		path := fmt.Sprintf("step-%d", i)
		add(path, event.AttemptStarted{Attempt: 1, Action: "test.nothing", Key: "01RUN/" + path})
		add(path, event.StepSucceeded{Attempt: 1, Changed: true, Summary: "done"})
	}
	for b.Loop() {
		s := engine.New(p)
		for _, line := range lines {
			e, err := event.Decode(line)
			if err != nil {
				b.Fatal(err)
			}
			if s, err = engine.Apply(s, e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lines)), "ns/entry")
}
