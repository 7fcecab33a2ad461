package local_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// signed is a world with a clock that nothing but the test moves, whose journal
// has checkpoints. It notes for how long entries waited for one.
type signed struct {
	*world
	mu     sync.Mutex
	now    time.Time
	since  time.Time       // the first entry that no checkpoint covers, zero if there is none
	waited []time.Duration // of each checkpoint
	alone  int             // checkpoints without another entry
	made   chan bool       // closed with the first checkpoint that is alone
	idle   bool            // time passes while the run waits
	beside bool            // a checkpoint begins the next append
}

func (s *signed) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *signed) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// after lets the time pass that somebody waits for.
func (s *signed) after(d time.Duration) <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.idle {
		return nil
	}
	s.now = s.now.Add(d)
	over := make(chan time.Time)
	close(over)
	return over
}

// append is what [journal.Log.Append] does, without keys.
func (s *signed) append(due journal.Due, bodies ...[]byte) (lines [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cover := func() {
		line, err := event.Event{Time: s.now, Body: event.CheckpointSigned{Note: "n"}}.Encode()
		require.NoError(s.t, err)
		lines, s.journal = append(lines, line), append(s.journal, line)
		s.waited, s.since, s.beside = append(s.waited, s.now.Sub(s.since)), time.Time{}, false
	}
	if s.beside {
		cover()
	}
	said, err := s.world.append(due, bodies...)
	if lines = append(lines, said...); len(bodies) > 0 && s.since.IsZero() {
		s.since = s.now
	}
	if s.beside = due == journal.Next; err == nil && due == journal.Now && !s.since.IsZero() {
		cover()
	}
	if len(bodies) == 0 {
		if s.alone++; s.alone == 1 {
			s.idle = false
			close(s.made)
		}
	}
	return lines, err
}

func (s *signed) drive(t *testing.T, most time.Duration) {
	t.Helper()
	driver := s.driver(s.clock)
	state, err := s.world.drive(func(c *local.Config) {
		c.Driver, c.Append, c.Now, c.After, c.Signs = driver, s.append, s.clock, s.after, true
	})
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, state.Status())
	require.True(t, s.since.IsZero(), "the end is signed")
	for _, waited := range s.waited {
		require.LessOrEqual(t, waited, most)
	}
}

func newSigned(t *testing.T, steps ...plantest.Step) *signed {
	return &signed{world: newWorld(t, build(steps...)), now: time.Now().UTC(), made: make(chan bool)}
}

// A step takes an hour, and nothing else happens: its intent is signed after a
// minute, and then there is nothing to sign.
func TestAnEntryWaitsAMinuteForACheckpointAtMost(t *testing.T) {
	s := newSigned(t, do("long").With(func(s *plantest.Step) { s.Timeout = plan.Of("1h") }))
	s.idle = true
	s.act("test.long").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		<-s.made
		return action.Result{Already: true}, nil
	}
	s.drive(t, time.Minute)
	require.Equal(t, 1, s.alone)
	require.Contains(t, s.waited, time.Minute)
}

// Entries that need no checkpoint of their own keep coming: the first of them
// waits no longer for that.
func TestEntriesThatKeepComingDoNotPutOffACheckpoint(t *testing.T) {
	var steps []plantest.Step
	for i := range 40 {
		steps = append(steps, do(fmt.Sprint("look", i)))
	}
	s := newSigned(t, steps...)
	for i := range 40 {
		s.act(fmt.Sprint("test.look", i)).run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
			s.pass(6 * time.Second)
			return action.Result{Already: true}, nil
		}
	}
	s.drive(t, time.Minute+6*time.Second) // a step passes its time beside the run's
	require.GreaterOrEqual(t, len(s.waited), 4, "240 seconds, and the end")
	require.Zero(t, s.alone, "they share the append of what keeps coming")
}

// What changed something is covered by a checkpoint of its own, in the append of
// the next step if that comes soon.
func TestTheCheckpointOfAChangeComesWithTheNextStep(t *testing.T) {
	s := newSigned(t, do("one"), do("two"), do("three"))
	s.drive(t, 0)
	require.Zero(t, s.alone)
	require.Equal(t, []string{
		"run_started", "attempt_started one", "step_succeeded one", "attempt_started two", "checkpoint_signed",
		"step_succeeded two", "attempt_started three", "checkpoint_signed", "step_succeeded three", "run_ended", "checkpoint_signed",
	}, s.trace())
	require.Len(t, s.waited, 3, "one for each change, and the last one with the end")
}

// The step after a change takes an hour: the change is covered at once all the same.
func TestAChangeIsCoveredWhileTheNextStepTakesItsTime(t *testing.T) {
	s := newSigned(t, do("change"), do("long").With(func(s *plantest.Step) { s.Timeout = plan.Of("1h") }))
	s.act("test.long").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		s.mu.Lock()
		s.idle = true
		s.mu.Unlock()
		<-s.made
		return action.Result{Already: true}, nil
	}
	s.drive(t, 10*time.Millisecond)
	require.Equal(t, 1, s.alone)
	require.Contains(t, s.waited, 10*time.Millisecond)
}
