package drive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
)

// TestSteadyClockGoesOnWhenTheSystemsIsSetBack: a wait of four seconds takes
// four seconds, also when the clock is set back by an hour meanwhile.
func TestSteadyClockGoesOnWhenTheSystemsIsSetBack(t *testing.T) {
	base := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	readings := []struct{ wall, elapsed, want time.Duration }{
		{0, 0, 0},
		{2 * time.Second, 2 * time.Second, 2 * time.Second},
		{2*time.Second - time.Hour, 2 * time.Second, 2 * time.Second}, // set back
		{4*time.Second - time.Hour, 4 * time.Second, 4 * time.Second},
		{5 * time.Second, 5 * time.Second, 5 * time.Second}, // set right again
		{time.Hour, 6 * time.Second, time.Hour},             // forward, or the machine slept
		{time.Hour + time.Second, 7 * time.Second, time.Hour + time.Second},
	}
	elapsed := map[time.Time]time.Duration{} // by what the system's clock said
	var i int
	now := steady(func() time.Time {
		at := base.Add(readings[i].wall)
		elapsed[at] = readings[i].elapsed
		return at
	}, time.Time{}, func(later, earlier time.Time) time.Duration { return elapsed[later] - elapsed[earlier] })
	for i = range readings {
		require.Equal(t, base.Add(readings[i].want), now(), i)
	}
}

func TestSteadyClockBeginsAtTheLastEntry(t *testing.T) {
	last := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	now := Steady(func() time.Time { return last.Add(-time.Hour) }, last)
	require.Equal(t, last, now())
	require.Equal(t, last, now())
	require.Equal(t, last.Add(time.Second), Steady(func() time.Time { return last.Add(time.Second) }, last)())
}

func TestBackoffStaysANumber(t *testing.T) {
	r := &plan.Retry{Attempts: 1000, Factor: 10, Jitter: 1}
	require.Zero(t, backoff(r, 0, 0, "key", 900))
	require.Positive(t, backoff(r, time.Second, 0, "other key", 900))
	require.Equal(t, time.Minute, backoff(&plan.Retry{Factor: 2}, time.Second, time.Minute, "key", 90))
}
