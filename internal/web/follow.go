package web

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// shortest is how long a state stands at least before it is replaced; refresh is
// when it is looked at although nothing happened, because deadlines pass.
const (
	shortest = 250 * time.Millisecond
	refresh  = 10 * time.Second
)

// follower notes what a run's journal says, for a topic. It renders the state not
// for each entry but when the one before has stood for a while.
type follower struct {
	topic *topic
	whole int64         // entries that there were when it began: before them nothing is told
	news  chan struct{} // has room for one

	mu     sync.Mutex
	anew   bool
	seq    int64
	told   []sent
	status func() projection.Status // as it stands
}

// Observe implements [desk.Observer].
func (f *follower) Observe(e event.Event, line []byte, status func() projection.Status) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, first := e.Body.(event.RunStarted); first { // also when entries were taken back
		f.anew, f.seq, f.told = true, 0, nil
	}
	f.seq++
	f.status = status
	if e.Type() != (event.CheckpointSigned{}).Type() { // nobody did anything
		text, err := json.Marshal(entryOf(f.seq, "", projection.Tell(e)))
		if err != nil {
			return err
		}
		f.told = append(f.told, sent{f.seq, crc32.ChecksumIEEE(line), text})
		f.told = f.told[max(0, len(f.told)-mostEntries):]
	}
	f.tell()
	return nil
}

// Progress implements [desk.Observer].
func (f *follower) Progress(string, string) {}

// Driven implements [desk.Watcher].
func (f *follower) Driven(projection.Status) { f.tell() }

func (f *follower) tell() {
	select {
	case f.news <- struct{}{}:
	default: // it will be looked at
	}
}

// publish renders the run as it stands, and returns how long that took.
func (f *follower) publish(render func(projection.Status) Run) time.Duration {
	f.mu.Lock()
	if f.status == nil || f.seq < f.whole {
		f.mu.Unlock()
		return 0
	}
	anew, told, status := f.anew, f.told, f.status
	f.anew, f.told, f.whole = false, nil, 0
	f.mu.Unlock()
	began := time.Now()
	f.topic.publish(render(status()))
	if anew || len(told) > 0 {
		f.topic.add(anew, told...)
	}
	return time.Since(began)
}

// run keeps the topic of a run up to date.
func (s *Server) run(ctx context.Context, t *topic, id string) {
	f := &follower{topic: t, news: make(chan struct{}, 1)}
	reader, _ := s.Desk.Store.Reader(id) // if there is none, watching says why
	if reader != nil {
		if head, known := reader.Head(); known {
			f.whole = head.Seq
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Desk.Watch(ctx, id, f) }()
	render := func(st projection.Status) Run {
		if reader != nil {
			st.Anchors = s.Desk.Anchors(reader)
		}
		return RunOf(st)
	}
	again := time.NewTicker(refresh)
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			f.mu.Lock()
			f.whole = 0
			f.mu.Unlock()
			f.publish(render)
			if ctx.Err() == nil && err != nil {
				t.publish(Run{Kind: "run", ID: line(id), Problem: line(err.Error())})
			}
			return
		case <-f.news:
		case <-again.C:
		}
		pause(ctx, max(shortest, 10*f.publish(render)))
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
