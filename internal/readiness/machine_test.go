package readiness

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheMachineIsLookedAtWithoutATrace: a home that is not there yet is not
// made, what cannot be one is said, and so is a clock that runs behind.
func TestTheMachineIsLookedAtWithoutATrace(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	m := Machine{
		Home: filepath.Join(dir, "state", "irctl"), Now: func() time.Time { return now },
		Runs: func() (int, time.Time, error) { return 1, now.Add(time.Hour), nil },
	}
	checks := m.Look()
	require.Equal(t, Check{Name: "runs", Found: m.Home + ", to be made by the first run"}, checks[0])
	require.Equal(t, []string{"the newest run has entries from 1h0m0s in the future. The clock was set back, or was ahead before."}, checks[2].Problems)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	m.Home = filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(m.Home, nil, 0o600))
	require.Equal(t, []string{m.Home + " is no folder"}, m.Look()[0].Problems)
}
