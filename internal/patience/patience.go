// Package patience asks again until something is so: [Limit.Until] is the one
// way in which irctl waits for a system to follow a change.
//
// The clock is the context's: [WithClock] gives a test one that does not wait.
package patience

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Limit says for how long somebody asks again. The zero value asks once.
type Limit struct {
	For   time.Duration // from the first question on; one that would begin later is not asked
	Every time.Duration // between two questions; 0 is 100 ms
	// Steady is how many answers in a row must be good before they are believed;
	// 0 is one. While a server exchanges its processes, old and new ones answer
	// by turns.
	Steady int
}

// Until asks until the answer is nil, and returns nil then. It ends with the
// last answer when the limit is over or ctx ends, and at once with what [Stop]
// was given. Ask is called at least once.
func (l Limit) Until(ctx context.Context, ask func() error) error {
	clock := clockOf(ctx)
	every := l.Every
	every = cmp.Or(every, 100*time.Millisecond)
	end := clock.Now().Add(l.For)
	for good := 0; ; {
		err := ask()
		var final stopped
		if errors.As(err, &final) {
			return final.error
		}
		if good++; err != nil {
			good = 0
		}
		if good >= max(l.Steady, 1) || err != nil && clock.Now().Add(every).After(end) {
			return err
		}
		if clock.Sleep(ctx, every) != nil {
			if err == nil {
				err = ctx.Err()
			}
			return err
		}
	}
}

// Stop wraps an error after which asking again is of no use; Stop(nil) is nil.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return stopped{err}
}

type stopped struct{ error }

func (s stopped) Unwrap() error { return s.error }

// Clock is time as somebody who waits needs it.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or with ctx's error when ctx ends.
	Sleep(ctx context.Context, d time.Duration) error
}

type clockKey struct{}

// WithClock returns a context in which [Limit.Until] goes by a clock.
func WithClock(ctx context.Context, c Clock) context.Context {
	return context.WithValue(ctx, clockKey{}, c)
}

func clockOf(ctx context.Context) Clock {
	if c, ok := ctx.Value(clockKey{}).(Clock); ok {
		return c
	}
	return wall{}
}

// wall is the clock of the world.
type wall struct{}

func (wall) Now() time.Time { return time.Now() }

func (wall) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Sleep waits for a time that somebody else has named, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) error { return clockOf(ctx).Sleep(ctx, d) }
