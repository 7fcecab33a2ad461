package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// mostEntries is how many entries of a timeline a page is given: the newest.
// mostReaders is how many may read at once.
const (
	mostEntries = 200
	mostReaders = 2000
)

// watch keeps a topic up to date until the context ends.
type watch func(ctx context.Context, t *topic)

// topics are those that somebody looks at now.
type topics struct {
	mu      sync.Mutex
	open    map[string]*topic
	readers int
}

// join gives a reader a topic, which is watched for as long as anybody reads it. The
// reader must leave.
func (ts *topics) join(ctx context.Context, key string, work watch) (t *topic, leave func(), ok bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.readers >= mostReaders {
		return nil, nil, false
	}
	t = ts.open[key]
	if t == nil {
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		t = &topic{changed: make(chan struct{}), stop: stop}
		ts.open[key] = t
		go work(ctx, t)
	}
	t.readers++
	ts.readers++
	return t, func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.readers--
		if t.readers--; t.readers == 0 {
			t.stop()
			delete(ts.open, key)
		}
	}, true
}

// topic is one thing that many readers look at: a state, which is replaced, and the
// newest entries of a timeline, which grows. It is rendered once.
type topic struct {
	readers int // guarded by topics
	stop    context.CancelFunc

	mu      sync.Mutex
	changed chan struct{} // closed when there is something new
	state   []byte        // JSON; nil until it is known
	version int
	entries []sent // the newest, without a gap
}

// sent is an entry as it is sent, and how a reader names it who comes back.
type sent struct {
	seq  int64
	sum  uint32 // of the journal's line
	json []byte
}

// publish puts a state in place of the one before, if it is another.
func (t *topic) publish(state any) {
	b, err := json.Marshal(state)
	if err != nil {
		panic("web: a state that is no JSON: " + err.Error())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !bytes.Equal(b, t.state) {
		t.state = b
		t.version++
		t.tell()
	}
}

// add adds entries; again says that they are all there are.
func (t *topic) add(again bool, list ...sent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if again {
		t.entries = nil
	}
	if t.entries = append(t.entries, list...); len(t.entries) > 2*mostEntries {
		t.entries = append([]sent(nil), t.entries[len(t.entries)-mostEntries:]...)
	}
	t.tell()
}

func (t *topic) tell() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// place is how far a reader has come: a version of the state, and an entry.
type place struct {
	version int
	seq     int64
	sum     uint32
}

// readID reads what a browser says it has; what it cannot have counts as nothing.
func (p *place) readID(id string) { _, _ = fmt.Sscanf(id, "%d-%08x", &p.seq, &p.sum) }

// since writes what a reader has not seen yet, and moves its place. The channel is
// closed when there is more.
func (t *topic) since(p *place, out *bytes.Buffer) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.version != p.version {
		p.version = t.version
		fmt.Fprintf(out, "event: state\ndata: %s\n\n", t.state)
	}
	if len(t.entries) == 0 {
		return t.changed
	}
	last, from, anew := t.entries[len(t.entries)-1], 0, true
	for i := len(t.entries) - 1; i >= 0 && p.seq > 0; i-- {
		if t.entries[i].seq == p.seq && t.entries[i].sum == p.sum {
			from, anew = i+1, false
			break
		}
	}
	if from == len(t.entries) {
		return t.changed
	}
	if anew {
		from = max(0, len(t.entries)-mostEntries)
	}
	p.seq, p.sum = last.seq, last.sum
	fmt.Fprintf(out, "id: %d-%08x\nevent: entries\ndata: {\"anew\":%t,\"entries\":[", p.seq, p.sum, anew)
	for i, e := range t.entries[from:] {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(e.json)
	}
	out.WriteString("]}\n\n")
	return t.changed
}
