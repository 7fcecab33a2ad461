package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// long is a plan of many steps, and a person at its end.
func long(n int) *plan.Plan {
	var steps []plantest.Step
	for i := range n {
		steps = append(steps, plantest.Node(plan.Set, fmt.Sprintf("step-%d", i)))
	}
	return plantest.Build(append(steps, plantest.Node(plan.Manual, "call"))...)
}

// silent is told everything and says nothing.
type silent struct{}

func (silent) Observe(event.Event, []byte, func() projection.Status) error { return nil }
func (silent) Progress(string, string)                                     {}

// driven drives a run until a person is waited for.
func (r *room) driven(p *plan.Plan) string {
	encoded, err := p.Encode()
	require.NoError(r.t, err)
	files := store.Files{Runbook: []byte("irctl: v1"), Plan: encoded}
	run, err := r.desk.Begin(context.Background(), desk.Start{Files: files, Started: event.RunStarted{Runbook: "test", Digest: files.Digests().Runbook}})
	require.NoError(r.t, err)
	require.NoError(r.t, run.Drive(context.Background(), desk.Session{Observer: silent{}}))
	return run.Run()
}

// until reads a stream and keeps nothing of it, until a text has come.
func until(body io.Reader, text string) error {
	buffer, kept := make([]byte, 4096), []byte{}
	for {
		n, err := body.Read(buffer)
		kept = append(kept, buffer[:n]...)
		if bytes.Contains(kept, []byte(text)) {
			return nil
		}
		if err != nil {
			return err
		}
		kept = kept[max(0, len(kept)-len(text)):]
	}
}

// audience has many readers look at a run until each has seen a text of it.
type audience struct {
	r      *room
	bodies []io.Reader
}

func (r *room) audience(run string, n int) *audience {
	a := &audience{r: r}
	for range n {
		a.bodies = append(a.bodies, r.stream("/live/run/"+run))
	}
	return a
}

func (a *audience) see(text string) {
	var all sync.WaitGroup
	errs := make([]error, len(a.bodies))
	for i, body := range a.bodies {
		all.Go(func() { errs[i] = until(body, text) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(a.r.t, err)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// TestManyReadersCostNoMoreThanTheirConnections has 200 people look at a run of
// 10,000 steps.
func TestManyReadersCostNoMoreThanTheirConnections(t *testing.T) {
	r := newRoom(t)
	const steps, readers = 10_000, 200
	run := r.driven(long(steps))
	first := r.audience(run, 1)
	first.see("\"path\":\"call\"")
	before := heap()
	rest := r.audience(run, readers-1)
	rest.see("\"path\":\"call\"")
	require.Less(t, (heap()-before)/readers, int64(100<<10), "bytes a reader, of both ends of the connection")

	r.web.topics.mu.Lock()
	require.Len(t, r.web.topics.open, 1)
	topic := r.web.topics.open["run/"+run]
	require.Equal(t, readers, topic.readers)
	r.web.topics.mu.Unlock()

	topic.mu.Lock()
	rendered := topic.version
	require.LessOrEqual(t, len(topic.entries), 2*mostEntries)
	require.Less(t, len(topic.state), 100<<10, "what a page is told does not grow with the run")
	topic.mu.Unlock()
	for i := range 20 {
		r.note(run, fmt.Sprintf("note %d.", i))
	}
	rest.see("note 19.")
	first.see("note 19.")
	topic.mu.Lock()
	require.LessOrEqual(t, topic.version-rendered, 21+2, "a state is rendered once, however many read") // and once for a beat that passes
	topic.mu.Unlock()
}

// A reader who takes nothing holds up nobody, and has no queue that grows.
func TestASlowReaderGetsTheNewestState(t *testing.T) {
	topic := &topic{changed: make(chan struct{})}
	for i := range 10_000 {
		topic.publish(i)
		topic.add(false, sent{seq: int64(i + 1), json: []byte("{}")})
	}
	var at place
	var out bytes.Buffer
	topic.since(&at, &out)
	require.Equal(t, 1, strings.Count(out.String(), "event: state"))
	require.Contains(t, out.String(), "data: 9999\n")
	require.Equal(t, mostEntries, strings.Count(out.String(), "{}"))
	require.Contains(t, out.String(), `"anew":true`)
	out.Reset()
	topic.add(false, sent{seq: 10_001, json: []byte("{}")})
	topic.since(&at, &out)
	require.Equal(t, "id: 10001-00000000\nevent: entries\ndata: {\"anew\":false,\"entries\":[{}]}\n\n", out.String())
}

// Whoever leaves leaves nothing behind.
func TestNobodyReadsNothingRuns(t *testing.T) {
	ts := &topics{open: map[string]*topic{}}
	ended := make(chan struct{})
	work := func(ctx context.Context, _ *topic) { <-ctx.Done(); close(ended) }
	_, one, ok := ts.join(t.Context(), "x", work)
	require.True(t, ok)
	_, two, _ := ts.join(t.Context(), "x", work)
	one()
	require.Len(t, ts.open, 1)
	two()
	<-ended
	require.Empty(t, ts.open)
	ts.readers = mostReaders
	_, _, ok = ts.join(t.Context(), "x", work)
	require.False(t, ok)
}

// BenchmarkReaders is how long it takes until 200 readers of a run of 10,000 steps
// know of something new.
func BenchmarkReaders(b *testing.B) {
	r := newRoom(b)
	run := r.driven(long(10_000))
	a := r.audience(run, 200)
	a.see("\"path\":\"call\"")
	i := 0
	for b.Loop() {
		i++
		began := time.Now()
		r.note(run, fmt.Sprintf("note %d.", i))
		told := time.Since(began)
		a.see(fmt.Sprintf("note %d.", i))
		b.ReportMetric(float64((time.Since(began) - told).Milliseconds()), "ms-until-all-know")
	}
}
