package host

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/host/process"
)

// Connections are kept open between the calls of actions, so that the steps of a
// run that act on one machine sign in once. The zero value is ready, for any
// number of goroutines.
type Connections struct {
	mu      sync.Mutex
	idle    []*connection // the one used last at the end
	gates   map[string]gate
	opening gate
	configs map[string]*asked
	alone   bool // of one Host: nothing is kept when that is closed
}

const (
	// maxIdle is how many connections are kept that nobody uses, and for how long.
	maxIdle  = 64
	idleTime = 20 * time.Second
	// maxOpening is how many connections are being opened at a time: each of them
	// keeps a processor busy for some hundredths of a second.
	maxOpening = 32
	// maxAtOne is how many are being opened over one server. Sshd refuses some
	// when ten have not signed in yet (sshd_config(5), MaxStartups).
	maxAtOne = 8
	// openTime is for how long an opening counts: who hangs holds up no others.
	openTime = 20 * time.Second
)

// gate lets through as many as it has room.
type gate chan struct{}

// Attempts are process.Attempts whose hosts share connections.
type Attempts struct {
	process.Attempts
	Connections
}

type connectionsKey struct{}

// Begin is [process.Attempts.Begin]; connections that the context's hosts open are
// kept for those of other attempts.
func (a *Attempts) Begin(ctx context.Context, id string, doubted []string) (context.Context, func()) {
	ctx, done := a.Attempts.Begin(ctx, id, doubted)
	return Sharing(ctx, &a.Connections), done
}

// Close ends the connections that are not in use, and what Attempts left behind.
func (a *Attempts) Close() {
	a.Connections.Close()
	a.Attempts.Close()
}

// Sharing returns a context whose hosts share connections.
func Sharing(ctx context.Context, cs *Connections) context.Context {
	return context.WithValue(ctx, connectionsKey{}, cs)
}

// connections are those of the context, or the host's own.
func (h *Host) connections(ctx context.Context) *Connections {
	if cs, ok := ctx.Value(connectionsKey{}).(*Connections); ok {
		return cs
	}
	return h.shared.own
}

// way names what leads to the machine.
func (h *Host) way() string { return strings.Join(append(slices.Clone(h.flags), h.ssh), "\x00") }

// take returns a connection that nobody uses, nil if there is none.
func (cs *Connections) take(ctx context.Context, way string) *connection {
	for {
		c := cs.pick(func(c *connection) bool { return c.way == way })
		if c == nil || c.answers(ctx) {
			return c
		}
		c.close()
	}
}

// pick takes the first connection out that is like wanted.
func (cs *Connections) pick(wanted func(*connection) bool) *connection {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	i := slices.IndexFunc(cs.idle, wanted)
	if i < 0 {
		return nil
	}
	c := cs.idle[i]
	cs.idle = slices.Delete(cs.idle, i, i+1)
	c.late.Stop()
	return c
}

// put gives a connection back.
func (cs *Connections) put(c *connection) {
	if cs.alone || c.over() {
		c.close()
		return
	}
	cs.mu.Lock()
	c.late = time.AfterFunc(idleTime, func() {
		if cs.pick(func(kept *connection) bool { return kept == c }) != nil {
			c.close()
		}
	})
	cs.idle = append(cs.idle, c)
	var old *connection
	if len(cs.idle) > maxIdle {
		old = cs.idle[0]
		cs.idle = slices.Delete(cs.idle, 0, 1)
		old.late.Stop()
	}
	cs.mu.Unlock()
	if old != nil {
		old.close()
	}
}

// Close ends the connections that are not in use.
func (cs *Connections) Close() {
	for {
		c := cs.pick(func(*connection) bool { return true })
		if c == nil {
			return
		}
		c.close()
	}
}

// pace waits until one more connection may be opened over a server. Call done
// when that has signed in or failed.
func (cs *Connections) pace(ctx context.Context, server string) (done func(), err error) {
	cs.mu.Lock()
	if cs.gates == nil {
		cs.gates, cs.opening = map[string]gate{}, make(gate, maxOpening)
	}
	at := cs.gates[server]
	if at == nil {
		at = make(gate, maxAtOne)
		cs.gates[server] = at
	}
	cs.mu.Unlock()
	for i, g := range []gate{at, cs.opening} {
		select {
		case g <- struct{}{}:
		case <-ctx.Done():
			if i > 0 {
				<-at
			}
			return nil, ctx.Err()
		}
	}
	leave := sync.OnceFunc(func() { <-at; <-cs.opening })
	late := time.AfterFunc(openTime, leave)
	return func() { late.Stop(); leave() }, nil
}
