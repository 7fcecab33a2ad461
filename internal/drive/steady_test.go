package drive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
)

func TestSteadyClockDoesNotGoBack(t *testing.T) {
	base := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	steps := []time.Duration{0, 2, 1, 3}
	now := Steady(func() time.Time {
		d := steps[0]
		steps = steps[1:]
		return base.Add(d)
	})
	require.Equal(t, []time.Time{base, base.Add(2), base.Add(2), base.Add(3)}, []time.Time{now(), now(), now(), now()})
}

func TestBackoffStaysANumber(t *testing.T) {
	r := &plan.Retry{Attempts: 1000, Factor: 10, Jitter: 1}
	require.Zero(t, backoff(r, 0, 0, "key", 900))
	require.Positive(t, backoff(r, time.Second, 0, "other key", 900))
	require.Equal(t, time.Minute, backoff(&plan.Retry{Factor: 2}, time.Second, time.Minute, "key", 90))
}
