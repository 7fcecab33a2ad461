package local_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

func stop(status string) plantest.Step {
	return plantest.Node(plan.Stop, "enough").With(func(s *plantest.Step) { s.StopStatus = status })
}

// What fails beside a stop is not tried again, and that is no reason to give up
// the run.
func TestFailureBesideAStopIsNotRetried(t *testing.T) {
	slow := plantest.Do("slow").With(func(s *plantest.Step) { s.Retry = &plan.Retry{Attempts: 3} })
	w := newWorld(t, plantest.Build(plantest.Node(plan.Parallel, "both", []plantest.Step{slow}, []plantest.Step{stop("failed")})))
	w.act("test.slow").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, errors.New("broken")
	}
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Failed, s.Status())
}

// The same if the attempt was cut off and another process finds that it may
// run again.
func TestAttemptCutOffBesideAStopIsNotRunAgain(t *testing.T) {
	w := newWorld(t, plantest.Build(plantest.Node(plan.Parallel, "both", []plantest.Step{plantest.Do("slow")}, []plantest.Step{stop("failed")})))
	began := make(chan struct{})
	w.act("test.slow").run = func(ctx context.Context, _ action.Request, _ action.Sink) (action.Result, error) {
		close(began)
		<-ctx.Done()
		return action.Result{}, ctx.Err()
	}
	signals := make(chan string, 2)
	go func() {
		<-began
		signals <- "interrupt"
		signals <- "interrupt"
	}()
	_, err := w.drive(func(c *local.Config) { c.Interrupt = signals })
	require.ErrorIs(t, err, local.ErrInterrupted)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Failed, s.Status())
}

// A canceled run whose process died asks the target what is so before it ends.
func TestCanceledAttemptInDoubtIsLookedAt(t *testing.T) {
	w := newWorld(t, plantest.Build(plantest.Do("slow")))
	w.act("test.slow").idempotent = false
	w.plan.Nodes[0].Idempotent = false
	for _, e := range []event.Event{
		{Time: time.Now(), By: &event.Actor{User: "root"}, Body: event.RunStarted{Run: "01RUN"}},
		{Time: time.Now(), Path: "slow", Body: event.AttemptStarted{Attempt: 1, Deadline: time.Now().Add(time.Hour)}},
		{Time: time.Now(), By: &event.Actor{User: "root"}, Body: event.CancelRequested{}},
	} {
		body, err := e.Encode()
		require.NoError(t, err)
		w.journal = append(w.journal, body)
	}
	w.on["slow"] = true
	w.acts["test.slow"].inspected = func(ctx context.Context, _ action.Request) error { return ctx.Err() }
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("slow")
	require.Equal(t, event.Succeeded, st.Status)
	require.True(t, st.Observed)
	require.Equal(t, event.Canceled, s.Status())
}

// A request that cannot be answered must not keep the run from going on.
func TestRunGoesOnWhileARequestCannotBeAnswered(t *testing.T) {
	w := newWorld(t, plantest.Build(plantest.Do("one"), plantest.Do("two")))
	w.inbox.waiting = []local.Request{{ID: "1", Events: []event.Event{{By: &event.Actor{User: "root"}, Body: event.RunContinued{}}}}}
	s, err := w.drive(func(c *local.Config) { c.Inbox = mute{&w.inbox} })
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
}

// mute is an inbox whose answers cannot be written.
type mute struct{ *inbox }

func (mute) Answer(string, error) error { return errDisk }

// A chain of steps that need no target never comes to rest; people must be
// able to end it all the same.
func TestEndlessChainHearsPeople(t *testing.T) {
	p := plantest.Build(plantest.Node(plan.Set, "again").With(func(s *plantest.Step) { s.Goto = "again" }))
	t.Run("interrupt", func(t *testing.T) {
		w := newWorld(t, p)
		signals := make(chan string, 1)
		signals <- "interrupt"
		_, err := w.drive(func(c *local.Config) { c.Interrupt = signals })
		require.ErrorIs(t, err, local.ErrInterrupted)
	})
	t.Run("cancel", func(t *testing.T) {
		w := newWorld(t, p)
		w.inbox.waiting = []local.Request{{ID: "1", Events: []event.Event{{By: &event.Actor{User: "root"}, Body: event.CancelRequested{}}}}}
		s, err := w.drive()
		require.NoError(t, err)
		require.Equal(t, event.Canceled, s.Status())
	})
}

// While an interrupted run lets finish what runs, it has nothing else to do.
func TestInterruptedRunDoesNotSpinOnAWait(t *testing.T) {
	wait := plantest.Node(plan.Wait, "wait").With(func(s *plantest.Step) { s.Condition = "false"; s.Interval = plan.Of("1ms") })
	w := newWorld(t, plantest.Build(plantest.Node(plan.Parallel, "both", []plantest.Step{plantest.Do("slow")}, []plantest.Step{wait})))
	began, finish := make(chan struct{}), make(chan struct{})
	w.act("test.slow").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		close(began)
		<-finish
		return action.Result{}, nil
	}
	signals := make(chan string)
	polls := make(chan time.Time)
	var stopped atomic.Bool
	var timers atomic.Int64
	go func() {
		<-began
		signals <- "interrupt"
		polls <- time.Time{}
		stopped.Store(true)
		polls <- time.Time{}
		polls <- time.Time{}
		close(finish)
	}()
	_, err := w.drive(func(c *local.Config) {
		c.Interrupt, c.Poll = signals, polls
		c.After = func(d time.Duration) <-chan time.Time {
			if stopped.Load() {
				timers.Add(1)
			}
			return time.After(d)
		}
	})
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Zero(t, timers.Load(), "it waited for a time at which nothing is due")
}
