package drive

import (
	"sync"
	"time"
)

// Steady returns a clock that never goes back, as the system's may when it is
// set, and that goes on meanwhile: an event must not be earlier than the one
// that it answers, and what waits for a time must not wait for the system's
// clock to catch up. It follows the system's clock forward, and begins at
// notBefore if the system's clock is behind that. It may be used from several
// goroutines. Its times are wall time alone, without a monotonic reading.
func Steady(now func() time.Time, notBefore time.Time) func() time.Time {
	return steady(now, notBefore, time.Time.Sub)
}

// steady is Steady with the time between two readings of now, which
// [time.Time.Sub] takes from their monotonic part.
func steady(now func() time.Time, notBefore time.Time, between func(later, earlier time.Time) time.Duration) func() time.Time {
	var mu sync.Mutex
	last := notBefore.Round(0) // Round(0) leaves the monotonic reading out
	var read time.Time
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		t := now()
		wall := t.Round(0)
		if !read.IsZero() && wall.Before(last) {
			last = last.Add(max(between(t, read), 0))
		}
		if wall.After(last) {
			last = wall
		}
		read = t
		return last
	}
}
