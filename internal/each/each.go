// Package each does one thing for each element of a list.
package each

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Of calls give for every element of a list, in its order. Of no elements it
// returns nil.
func Of[E, R any](list []E, give func(E) R) []R {
	if len(list) == 0 {
		return nil
	}
	out := make([]R, len(list))
	for i, e := range list {
		out[i] = give(e)
	}
	return out
}

// AtOnce does something for every number below n, on every processor, and
// returns when all is done.
func AtOnce(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}
