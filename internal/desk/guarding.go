package desk

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/pkg/event"
)

// guarded gives a driver what its run must leave alone: by its environment, or by
// the policy of the machine alone if it has none.
func (d *Desk) guarded(c *drive.Config, env *environment.Environment) error {
	policy, err := d.Policy()
	if err != nil {
		return err
	}
	g := &guard.Guard{Rules: policy.Rules(), Lookup: guard.NewLookup()}
	if env != nil {
		g.Rules, g.Target = env.Rules(), env.Guarded
	}
	counts := newCounts(d, c.Run)
	g.Others = counts.since
	c.Guard, c.Policy = g, func(roles []string) (int, bool) { return policy.Approval(roles, 1, false) }
	return nil
}

// counts are what the other runs of the home have touched, from their journals
// alone: what a run has touched by an entry it has touched for ever, so that only
// what was added since is read again.
type counts struct {
	d    *Desk
	but  string
	read map[string]counted

	mu      sync.Mutex
	holders int    // steps of this run that go by the count now: they share the lock
	unlock  func() // while there are any
}

type counted struct {
	size    int64 // of the journal, when it was read
	touched map[string]time.Time
}

func newCounts(d *Desk, but string) *counts {
	return &counts{d: d, but: but, read: map[string]counted{}}
}

// since implements guard.Guard.Others.
func (c *counts) since(since time.Time) (map[string]time.Time, func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holders == 0 {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		unlock, err := claim.Count(ctx, c.d.Store.Root())
		if err != nil {
			return nil, nil, err
		}
		c.unlock = unlock
	}
	c.holders++
	out := map[string]time.Time{}
	ids, err := c.d.Store.List()
	for _, id := range ids {
		if err != nil {
			break
		}
		if id == c.but {
			continue
		}
		var size int64
		var written time.Time
		if size, written, err = c.d.Store.JournalSize(id); err != nil {
			break
		}
		had, known := c.read[id]
		if !known || had.size != size {
			had = counted{size, map[string]time.Time{}}
			if err = c.touched(id, had.touched); err != nil && written.Before(since) {
				err = nil // whatever it would say was before
				continue
			}
			if err != nil {
				break
			}
			c.read[id] = had
		}
		for what, at := range had.touched {
			if at.After(since) && at.After(out[what]) {
				out[what] = at
			}
		}
	}
	if err != nil {
		c.left()
		return nil, nil, err
	}
	return out, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.left()
	}, nil
}

// left says that one step less goes by the count.
func (c *counts) left() {
	if c.holders--; c.holders == 0 {
		c.unlock()
	}
}

// touched reads what a run has touched, and when last.
func (c *counts) touched(id string, into map[string]time.Time) error {
	if !c.d.Store.May(id, func(journal []byte) bool { return bytes.Contains(journal, []byte(`"touches":`)) }) {
		return nil
	}
	r, err := c.d.ReadRun(id)
	if err != nil {
		return c.d.unreadable(id, err)
	}
	for what, at := range r.state.Touched() {
		into[what] = at
	}
	return nil
}

// overrides are the events by which somebody asks that a run touches what is
// protected.
func (d *Desk) overrides(items []string, reason string) (out []event.Event) {
	for _, item := range items {
		out = append(out, d.mine(event.OverrideRequested{Item: item, Reason: reason}))
	}
	return out
}
