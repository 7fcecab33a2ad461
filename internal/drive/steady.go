package drive

import (
	"sync"
	"time"
)

// Steady returns a clock that never goes back, as the system's may when it is
// set: an event must not be earlier than the one that it answers. It may be
// used from several goroutines.
func Steady(now func() time.Time) func() time.Time {
	var mu sync.Mutex
	var last time.Time
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if t := now(); t.After(last) {
			last = t
		}
		return last
	}
}
