package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
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
	"github.com/irctl/irctl/pkg/journal"
)

// nothing is an action that does nothing.
type nothing struct{}

func (nothing) Spec() action.Spec { return action.Spec{Name: "test.nothing", Effect: action.Change} }

func (nothing) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{Changed: true}, nil
}

// sequence is a plan of n steps, one after the other.
func sequence(n int) *plan.Plan {
	steps := make([]plantest.Step, n)
	for i := range steps {
		steps[i] = plantest.Do(fmt.Sprintf("step-%d", i))
	}
	return plantest.Build(steps...)
}

// loop is a plan that goes through a list of items with some steps for each.
func loop(items, steps int) *plan.Plan {
	body := make([]plantest.Step, steps)
	for i := range body {
		body[i] = plantest.Do(fmt.Sprintf("step-%d", i))
	}
	list := make([]any, items)
	for i := range list {
		list[i] = fmt.Sprintf("account-%d", i)
	}
	return plantest.Build(plantest.Node(plan.ForEach, "accounts", body).With(func(s *plantest.Step) {
		s.Subject, s.As, s.MaxParallel = plan.Of(list), "account", 4
	}))
}

// driven carries out a plan on the real store in a folder and returns the run's
// own folder.
func driven(b *testing.B, home string, p *plan.Plan) string {
	encoded, err := p.Encode()
	require.NoError(b, err)
	runs := store.Open(home, nil)
	id, err := runs.NewID(time.Now())
	require.NoError(b, err)
	first := event.Event{Time: time.Now(), Body: event.RunStarted{Run: id, Runbook: p.Runbook}}
	body, err := first.Encode()
	require.NoError(b, err)
	run, _, err := runs.Create(id, store.Files{Runbook: []byte("irctl: v1\n"), Plan: encoded}, body)
	require.NoError(b, err)
	state, err := engine.Apply(engine.New(p), first)
	require.NoError(b, err)
	state, err = local.Run(b.Context(), state, local.Config{
		Driver: drive.New(drive.Config{Run: id, Now: time.Now, Action: func(string) (action.Action, bool) { return nothing{}, true }}),
		Append: func(_ journal.Due, bodies ...[]byte) ([][]byte, error) { return run.Append(bodies...) }, Now: time.Now,
	})
	require.NoError(b, err)
	require.Equal(b, event.Succeeded, state.Status())
	require.NoError(b, run.Close())
	return run.Folder()
}

func journalOf(b *testing.B, run string) []byte {
	text, err := os.ReadFile(filepath.Join(run, "journal.jsonl"))
	require.NoError(b, err)
	return text
}

// unsynced is a file system on which nothing waits for the disk.
type unsynced struct{ store.OS }

type unsyncedFile struct{ store.File }

func (u unsynced) OpenFile(name string, flag int, perm fs.FileMode) (store.File, error) {
	f, err := u.OS.OpenFile(name, flag, perm)
	return unsyncedFile{f}, err
}

func (unsynced) SyncDir(string) error { return nil }

func (unsyncedFile) Sync() error { return nil }

// written makes a run of a plan that succeeded, entry by entry, without waiting
// for the disk: to have something to read.
func written(b *testing.B, home string, p *plan.Plan) string {
	runs := store.Open(home, unsynced{})
	id, err := runs.NewID(time.Now())
	require.NoError(b, err)
	bodies := said(b, id, event.RunStarted{Run: id, Runbook: p.Runbook}, p)
	encoded, err := p.Encode()
	require.NoError(b, err)
	run, _, err := runs.Create(id, store.Files{Runbook: []byte("irctl: v1\n"), Plan: encoded}, bodies[0])
	require.NoError(b, err)
	_, err = run.Append(bodies[1:]...)
	require.NoError(b, err)
	require.NoError(b, run.Close())
	return run.Folder()
}

// said are the events of a run of a plan that succeeds.
func said(b *testing.B, id string, started event.Body, p *plan.Plan) (bodies [][]byte) {
	say := func(path string, body event.Body) {
		e := event.Event{Time: time.Now(), Path: path, Body: body}
		text, err := e.Encode()
		require.NoError(b, err)
		bodies = append(bodies, text)
	}
	d := drive.New(drive.Config{Run: id, Now: time.Now, Action: func(string) (action.Action, bool) { return nothing{}, true }})
	say("", started)
	s := engine.New(p)
	for at := 0; ; {
		for ; at < len(bodies); at++ {
			e, err := event.Decode(bodies[at])
			require.NoError(b, err)
			s, err = engine.Apply(s, e)
			require.NoError(b, err)
		}
		owed := engine.Outstanding(s)
		if len(owed) == 0 {
			break
		}
		answer(d, s, owed[0], say)
	}
	require.Equal(b, event.Succeeded, s.Status())
	return bodies
}

// answer says what a driver says to an effect when all goes well.
func answer(d *drive.Driver, s engine.State, owed engine.Effect, say func(path string, body event.Body)) {
	var e event.Event
	switch owed.Kind {
	case engine.Begin:
		e = d.Begin(s, owed.Path)
	case engine.Conclude:
		e = d.Conclude(s, owed.Path)
	case engine.EndRun:
		e = d.End(s, owed.Status)
	case engine.Perform:
		e = event.Event{Path: owed.Path, Body: event.StepSucceeded{Attempt: owed.Attempt, Changed: true, Summary: "done"}}
	}
	say(e.Path, e.Body)
}

// BenchmarkFold decodes and folds a journal of 100,000 entries in memory: what
// every reader of a run does first.
func BenchmarkFold(b *testing.B) {
	p := sequence(50_000)
	text := journalOf(b, written(b, b.TempDir(), p))
	entries := bytes.Count(text, []byte("\n"))
	for b.Loop() {
		lines := journal.NewScanner(bytes.NewReader(text), nil)
		state, err := engine.Fold(p, func(yield func(event.Event, error) bool) {
			for lines.Scan() {
				if !yield(event.Decode(lines.Entry().Line)) {
					return
				}
			}
		}, nil)
		if err == nil {
			_, err = lines.Report()
		}
		if err != nil || state.Status() != event.Succeeded {
			b.Fatal(state.Status(), err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milli(b.Elapsed())/float64(b.N), "fold-ms")
	b.ReportMetric(micro(b.Elapsed())/float64(b.N)/float64(entries), "us/entry")
}
