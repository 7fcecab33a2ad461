package drive

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// maxRaw is the most raw output, in bytes, that is kept of one stream of one
// attempt. The rest is counted and dropped, so that a command that floods its
// output does not fill the disk the journal is on.
const maxRaw = 16 << 20

// sink is the action.Sink of one attempt.
type sink struct {
	d     *Driver
	hooks Hooks

	mu        sync.Mutex
	closed    bool
	recorded  map[string]any // by this attempt, as the journal has it
	streams   map[string]*stream
	artifacts []event.Artifact
}

var _ action.Sink = (*sink)(nil)

func newSink(d *Driver, hooks Hooks) *sink {
	return &sink{d: d, hooks: hooks, streams: map[string]*stream{}, recorded: map[string]any{}}
}

func (s *sink) Record(values map[string]any) error {
	if s.hooks.Record == nil {
		return errors.New("nothing can be recorded here")
	}
	values = s.d.redact.Values(values)
	if err := s.hooks.Record(values); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.recorded, values)
	return nil
}

// record is what a step has recorded by now: before holds what it had when
// this attempt began. Who looks at the target after the attempt needs it all.
func (s *sink) record(before map[string]any) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.recorded) == 0 {
		return before
	}
	all := maps.Clone(s.recorded)
	for name, value := range before {
		if _, ok := all[name]; !ok {
			all[name] = value
		}
	}
	return all
}

func (s *sink) Progress(line string) {
	if s.hooks.Progress != nil {
		s.hooks.Progress(action.CleanLine(s.d.redact.Text(line), 200))
	}
}

func (s *sink) Artifact(name string, r io.Reader) (string, int64, error) {
	digest, size, head, err := s.d.cfg.Keep(s.d.redact.Reader(r))
	if err != nil {
		return "", 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.artifacts = append(s.artifacts, event.Artifact{
		Name: action.CleanLine(s.d.redact.Text(name), 100), Digest: digest, Size: size, Head: action.CleanLine(head, 200),
	})
	return digest, size, nil
}

// lost notes that output could not be kept: the disk is full, for example.
func (s *sink) lost(name string, raw []byte, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.artifacts = append(s.artifacts, event.Artifact{
		Name: action.CleanLine(s.d.redact.Text(name), 100), Size: int64(len(raw)), Lost: failure(s.d.redact, why).Message,
	})
}

func (s *sink) Output(name string) io.Writer {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.streams[name]
	if !ok {
		st = &stream{sink: s}
		s.streams[name] = st
	}
	return st
}

// sent keeps what is sent as a stream of its own; what is asked again and again
// until the answer is right stands there once.
func (s *sink) sent() func(text string) {
	var mu sync.Mutex
	last := ""
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if text != last {
			_, _ = io.WriteString(s.Output("sent"), text+"\n")
		}
		last = text
	}
}

// close keeps the streams as artifacts and returns all artifacts. What an
// action writes afterwards is dropped.
func (s *sink) close() []event.Artifact {
	s.mu.Lock()
	s.closed = true
	names := make([]string, 0, len(s.streams))
	for name := range s.streams {
		names = append(names, name)
	}
	s.mu.Unlock()
	slices.Sort(names)
	for _, name := range names {
		if raw := s.streams[name].take(); len(raw) > 0 {
			// Output that cannot be kept does not undo what was done.
			if _, _, err := s.Artifact(name, bytes.NewReader(raw)); err != nil {
				s.lost(name, raw, err)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.artifacts
}

// stream collects one stream of raw output and shows its lines as progress.
type stream struct {
	sink    *sink
	mu      sync.Mutex
	raw     []byte
	dropped int
	partial string
}

func (st *stream) Write(p []byte) (int, error) {
	st.sink.mu.Lock()
	closed := st.sink.closed
	st.sink.mu.Unlock()
	if closed {
		return len(p), nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	room := min(maxRaw-len(st.raw), len(p))
	st.raw = append(st.raw, p[:room]...)
	st.dropped += len(p) - room
	if i := bytes.LastIndexByte(p, '\n'); i >= 0 {
		lines := strings.Split(strings.TrimRight(st.partial+string(p[:i]), "\n"), "\n")
		st.partial = string(p[i+1:])
		st.sink.Progress(lines[len(lines)-1])
	} else if len(st.partial) < 4096 {
		st.partial += string(p)
	}
	return len(p), nil
}

// take returns what was kept, without the beginning of a secret at its cut.
func (st *stream) take() []byte {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.dropped > 0 {
		return []byte(st.sink.d.redact.Text(string(st.raw)+cutMark) + "\n[irctl: the rest was not kept]\n")
	}
	return st.raw
}
