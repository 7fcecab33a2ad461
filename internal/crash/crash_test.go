//go:build unix

package crash

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// The processes of a containment run that nothing disturbs.
var processes = []string{"run", "approve", "resume"}

// slack is how many more points at the journal are tried than an undisturbed
// process passed: steps in parallel share appends differently from run to run.
const slack = 25

// TestKilledAnywhere kills irctl at every point of every process of a
// containment run, once with one death and once with a second one in what
// follows. Each time the run must end as an undisturbed one does, and the
// company must have seen every effect, and none that is not idempotent twice.
func TestKilledAnywhere(t *testing.T) {
	undisturbed := newCompany(t)
	commands, ends := undisturbed.contain()
	require.Equal(t, processes, commands)
	want := undisturbed.outcome()

	count := &tally{past: map[string]bool{}}
	t.Run("at", func(t *testing.T) {
		for p, process := range processes {
			steps, journal := split(ends[p].points)
			for _, name := range steps {
				count.steps++
				dieIn(t, want, count, p, process, name)
			}
			for n := 1; n <= journal+slack; n++ {
				dieIn(t, want, count, p, process, child.Journal(n))
			}
		}
	})
	t.Logf("%d deaths between intent, effect and outcome, %d at writes and syncs of the journal, %d second deaths",
		count.atSteps, count.atJournal, count.second)
	require.Equal(t, 2*count.steps, count.atSteps, "a process died before and after each action, with and without a second death")
	require.Greater(t, count.steps, 30, "the runbook acts more often than that")
	for _, process := range processes {
		require.True(t, count.past[process], "%s: its last point was passed, so none was left out", process)
	}
}

// tally counts deaths.
type tally struct {
	mu                         sync.Mutex
	steps                      int
	atSteps, atJournal, second int
	past                       map[string]bool // processes that had fewer points than were tried
}

// split takes the names of points apart: those of actions, and how many there
// were at the journal, which are around every record too.
func split(points []string) (steps []string, journal int) {
	for _, name := range points {
		if strings.HasPrefix(name, "journal ") {
			journal++
		} else if name != "" && !strings.HasPrefix(name, "disk ") && !strings.HasPrefix(name, child.Record) {
			steps = append(steps, name)
		}
	}
	return steps, journal
}

// dieIn runs a containment whose process number p dies at the point, once with
// and once without another death in the process after it.
func dieIn(t *testing.T, want outcome, count *tally, p int, process, point string) {
	t.Run(process+" "+point, func(t *testing.T) {
		t.Parallel()
		dies(t, want, count, p, process, point, "")
	})
	t.Run(process+" "+point+", then again", func(t *testing.T) {
		t.Parallel()
		// The second death comes early or late, as it falls out; every process
		// has five points at its journal for its first entry.
		late, early := child.Journal(6+len(point)%20), child.Journal(1+len(point)%5)
		if !dies(t, want, count, p, process, point, late) {
			dies(t, want, count, p, process, point, early)
		}
	})
}

// dies reports whether the second death came, if there was to be one.
func dies(t *testing.T, want outcome, count *tally, p int, process, point, second string) bool {
	c := newCompany(t)
	kills := append(make([]string, p), point)
	if second != "" {
		kills = append(kills, second)
	}
	_, ends := c.contain(kills...)
	require.Equal(t, want, c.outcome())
	s, _ := c.status()
	c.verifies(s.Run)

	count.mu.Lock()
	defer count.mu.Unlock()
	if !ends[p].killed {
		_, passed := split(ends[p].points)
		n, err := strconv.Atoi(strings.TrimPrefix(point, "journal "))
		require.NoError(t, err, "%s survived %s", process, point)
		require.Less(t, passed, n, "%s passed its point and survived", process)
		count.past[process] = true
		return true
	}
	if second != "" && (len(ends) <= p+1 || !ends[p+1].killed) {
		return false
	}
	if strings.HasPrefix(point, "journal ") {
		count.atJournal++
	} else {
		count.atSteps++
	}
	if second != "" {
		count.second++
	}
	return true
}
