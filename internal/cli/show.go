package cli

import (
	"context"
	"sync"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/event"
)

// show is what the person at this terminal sees of the run, and says to it.
type show struct {
	t        *trip
	follow   *view.Follow
	commands chan<- local.Command
	latest   latest
}

func (s *show) observe(e event.Event, line []byte, state engine.State) {
	s.latest.set(state)
	now := s.t.a.Now().UTC()
	head := projection.Head{Seq: seqOf(line), Hash: hashOf(line)}
	_ = s.follow.Observe(e, line, func() projection.Status {
		return projection.Of(projection.Source{State: state, Head: head, Driven: true, Now: now})
	})
}

// answer carries out what the person said on the live screen.
func (s *show) answer(ctx context.Context, given view.Answer) error {
	w, err := s.t.a.answerOf(s.t.run.ID(), given)
	if err != nil {
		return err
	}
	_, e, err := s.t.a.weigh(&reading{Reader: s.t.r.Reader, files: s.t.r.files, state: s.latest.get()}, w)
	if err != nil {
		return err
	}
	reply := make(chan error, 1)
	select {
	case s.commands <- local.Command{Events: []event.Event{e}, Reply: reply}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// seqOf reads the number at the beginning of a journal line: `{"seq":N,`.
func seqOf(line []byte) int64 {
	var n int64
	const lead = len(`{"seq":`)
	for i := lead; i < len(line) && line[i] >= '0' && line[i] <= '9'; i++ {
		n = 10*n + int64(line[i]-'0')
	}
	return n
}

// latest is the newest state, for whoever answers from another goroutine.
type latest struct {
	mu    sync.Mutex
	state engine.State
}

func (l *latest) set(s engine.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
}

func (l *latest) get() engine.State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}
