package local_test

import (
	"context"
	"errors"
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
	w.acts["test.slow"].inspected = func(ctx context.Context) error { return ctx.Err() }
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("slow")
	require.Equal(t, event.Succeeded, st.Status)
	require.True(t, st.Observed)
	require.Equal(t, event.Canceled, s.Status())
}

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
