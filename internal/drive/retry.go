package drive

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/irctl/irctl/internal/plan"
)

// backoff is how long to wait before try number next (from 2). The delays grow
// by Factor up to MaxDelay; Jitter takes off a part that depends on the key
// and the try alone, so that a resumed run computes the same.
func backoff(r *plan.Retry, delay, maxDelay time.Duration, key string, next int) time.Duration {
	if delay <= 0 {
		return 0
	}
	factor := r.Factor
	if factor < 1 {
		factor = 1
	}
	wait := float64(delay) * math.Pow(factor, float64(next-2))
	if maxDelay > 0 && wait > float64(maxDelay) {
		wait = float64(maxDelay)
	}
	if wait > float64(math.MaxInt64/2) {
		wait = float64(math.MaxInt64 / 2)
	}
	if r.Jitter > 0 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(key))
		_, _ = h.Write([]byte{byte(next), byte(next >> 8)})
		part := float64(h.Sum64()%1000) / 1000
		wait -= wait * math.Min(r.Jitter, 1) * part
	}
	return time.Duration(wait)
}
