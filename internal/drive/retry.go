package drive

import (
	"errors"
	"hash/fnv"
	"math"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// nextTry says whether and when a failed attempt is repeated. The error says
// why what the runbook says about that could not be worked out.
func (d *Driver) nextTry(s engine.State, st engine.Step, n *plan.Node, o Outcome, f event.Failure) (at time.Time, again bool, err error) {
	var e *action.Error
	errors.As(o.Err, &e)
	tries := st.Attempt - st.Base
	if s.BeingEnded(st.Path) || n.Retry == nil || tries >= n.Retry.Attempts || e != nil && e.Permanent {
		return time.Time{}, false, nil
	}
	sc := d.at(s, st.Path)
	sc.extra = map[string]any{
		"error.message": f.Message, "error.timeout": f.Timeout, "error.doubt": false, "attempt": int64(tries),
	}
	if n.Retry.When != "" {
		if again, err := d.condition(n.Retry.When, sc); err != nil || !again {
			return time.Time{}, false, err
		}
	}
	delay, err := d.duration(n.Retry.Delay, sc)
	if err != nil {
		return time.Time{}, false, err
	}
	most, err := d.duration(n.Retry.MaxDelay, sc)
	if err != nil {
		return time.Time{}, false, err
	}
	wait := backoff(n.Retry, delay, most, st.Key, tries+1)
	if e != nil && e.After > wait {
		wait = e.After
	}
	return d.now().Add(wait), true, nil
}

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
