package outside

import (
	"context"
	"os"
	"sync"
)

// Stops turns what the operating system asks for into wishes to stop.
type Stops struct {
	Wishes chan string
	done   chan struct{}
	once   sync.Once
}

// listen brings the signals of a world, if it has any.
func (w World) listen() (<-chan os.Signal, func()) {
	if w.Signals == nil {
		return nil, func() {}
	}
	return w.Signals()
}

// NewStops begins to listen. heard is called at the first signal, so that
// whoever sent it sees that it arrived although something still runs.
func NewStops(w World, heard func()) *Stops {
	s := &Stops{Wishes: make(chan string, 8), done: make(chan struct{})}
	signals, stop := w.listen()
	go func() {
		defer stop()
		for first := true; ; first = false {
			select {
			case sig := <-signals:
				if first {
					heard()
				}
				s.Tell(signalName(sig))
			case <-s.done:
				return
			}
		}
	}()
	return s
}

// Tell passes a wish on: the first one to stop in order, the second one to
// stop at once. It does not block.
func (s *Stops) Tell(name string) {
	select {
	case s.Wishes <- name:
	default:
	}
}

// End stops listening. It may be called twice.
func (s *Stops) End() {
	s.once.Do(func() { close(s.done) })
}

// signalName is a signal as the journal says it.
func signalName(sig os.Signal) string {
	if sig == nil {
		return "interrupt"
	}
	return sig.String()
}

// UntilSignal is a context that ends when the process is told to stop.
func (w World) UntilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals, stop := w.listen()
	go func() {
		defer stop()
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
