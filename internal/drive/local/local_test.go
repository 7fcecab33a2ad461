package local_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

var do, node, build = plantest.Do, plantest.Node, plantest.Build

func TestASequentialStepCostsOneAppend(t *testing.T) {
	var steps []plantest.Step
	for i := range 20 {
		steps = append(steps, do(fmt.Sprintf("s%d", i)))
	}
	w := newWorld(t, build(steps...))
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	require.Equal(t, 21, w.appends, "the first intent, then each outcome with the next intent, then the end")
}

func TestIntentIsDurableBeforeTheEffect(t *testing.T) {
	w := newWorld(t, build(do("one")))
	w.act("test.one").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		require.Contains(t, w.text(), `"type":"attempt_started"`)
		return action.Result{}, nil
	}
	_, err := w.drive()
	require.NoError(t, err)
}

func TestRecordIsDurableBeforeItReturns(t *testing.T) {
	w := newWorld(t, build(do("one")))
	w.act("test.one").run = func(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
		require.NoError(t, out.Record(map[string]any{"before": "on"}))
		require.Contains(t, w.text(), `"record":{"before":"on"}`)
		return action.Result{Changed: true}, nil
	}
	_, err := w.drive()
	require.NoError(t, err)
}

func TestFailedRecordStopsTheRunBeforeTheChange(t *testing.T) {
	w := newWorld(t, build(do("one")))
	w.failAt = 2
	w.act("test.one").run = func(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
		if err := out.Record(map[string]any{"before": "on"}); err != nil {
			return action.Result{}, err
		}
		return w.act("test.one").switchTo(req, true)
	}
	_, err := w.drive()
	var broken *local.JournalError
	require.ErrorAs(t, err, &broken)
	require.ErrorIs(t, err, errDisk)
	require.Empty(t, w.effects)
}

// The process dies at every append in turn; each time another one resumes the
// run and, in the second half, dies there too.
func TestEveryAppendMayFail(t *testing.T) {
	p := func() *plan.Plan {
		return build(do("open"),
			node(plan.Parallel, "contain", []plantest.Step{do("email")}, []plantest.Step{do("website"), do("banner")}),
			do("tell"))
	}
	want := []string{"contain/banner true", "contain/email true", "contain/website true", "open true", "tell true"}
	for second := range 2 {
		for at := 1; ; at++ {
			w := newWorld(t, p())
			w.failAt = at
			_, err := w.drive()
			if err == nil {
				require.Greater(t, at, 5, "the failure never came")
				break
			}
			require.ErrorIs(t, err, errDisk)
			w.appends, w.failAt = 0, second
			s, err := w.drive()
			if second == 1 {
				require.ErrorIs(t, err, errDisk)
				w.failAt = 0
				s, err = w.drive()
			}
			require.NoError(t, err)
			require.Equal(t, event.Succeeded, s.Status())
			require.ElementsMatch(t, want, w.effects, "append %d", at)
		}
	}
}

func TestInDoubtWithoutALookIsUnknown(t *testing.T) {
	w := newWorld(t, build(do("send").With(func(s *plantest.Step) { s.Idempotent = false }), do("after")))
	a := w.act("test.send")
	a.blind, a.idempotent = true, false
	w.failAt = 2
	_, err := w.drive()
	require.ErrorIs(t, err, errDisk)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.InDoubt, s.Status())
	require.Equal(t, []string{"send true"}, w.effects)

	// Once the target can be asked again, retry looks; it does not send twice.
	a.blind = false
	body, err := event.Event{Time: time.Now(), Path: "send", By: &event.Actor{User: "dana"}, Body: event.StepRetried{}}.Encode()
	require.NoError(t, err)
	w.journal = append(w.journal, body)
	s, err = w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	require.Equal(t, []string{"send true", "after true"}, w.effects)
}

func TestRetriesGiveUpAndGoToAPerson(t *testing.T) {
	flaky := do("one").With(func(s *plantest.Step) {
		s.Retry = &plan.Retry{Attempts: 3, Delay: plan.Of("1ms"), Factor: 2, Jitter: 0.5}
		s.Fallback = plan.Of("Call the provider.")
	})
	w := newWorld(t, build(flaky))
	w.act("test.one").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, &action.Error{Message: "busy", Hint: "wait"}
	}
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Waiting, s.Status())
	st, _ := s.Step("one")
	require.Equal(t, 3, st.Attempt)
	require.Equal(t, engine.Asking, st.Phase)
	require.Equal(t, "Call the provider.", st.Text)
	require.Equal(t, []string{
		"run_started", "attempt_started one", "attempt_failed one", "attempt_started one", "attempt_failed one",
		"attempt_started one", "step_failed one",
	}, w.trace())
}

func TestPermanentFailureIsNotRetried(t *testing.T) {
	w := newWorld(t, build(do("one").With(func(s *plantest.Step) { s.Retry = &plan.Retry{Attempts: 3} })))
	w.act("test.one").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, &action.Error{Message: "no such account", Permanent: true}
	}
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("one")
	require.Equal(t, 1, st.Attempt)
	require.Equal(t, engine.Deciding, st.Phase)
}

func TestTimeoutIsAFailure(t *testing.T) {
	w := newWorld(t, build(do("one").With(func(s *plantest.Step) { s.Timeout = plan.Of("5ms") })))
	w.act("test.one").run = func(ctx context.Context, _ action.Request, _ action.Sink) (action.Result, error) {
		<-ctx.Done()
		return action.Result{}, ctx.Err()
	}
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("one")
	require.True(t, st.Error.Timeout)
	require.Contains(t, st.Error.Message, "timed out after 5ms")
}

func TestDoubtfulErrorIsSettledByLooking(t *testing.T) {
	for _, blind := range []bool{false, true} {
		w := newWorld(t, build(do("send").With(func(s *plantest.Step) { s.Idempotent = false })))
		a := w.act("test.send")
		a.blind, a.idempotent = blind, false
		a.run = func(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
			_, _ = a.switchTo(req, true)
			return action.Result{}, action.Doubtful(errors.New("connection lost"))
		}
		s, err := w.drive()
		require.NoError(t, err)
		require.Equal(t, map[bool]event.Status{false: event.Succeeded, true: event.InDoubt}[blind], s.Status())
	}
}

func TestFirstInterruptLetsFinishSecondKills(t *testing.T) {
	for _, signals := range []int{1, 2} {
		w := newWorld(t, build(do("one"), do("two")))
		interrupt, started := make(chan string), make(chan struct{})
		release := make(chan struct{})
		w.act("test.one").run = func(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
			close(started)
			select {
			case <-ctx.Done():
				return action.Result{}, ctx.Err()
			case <-release:
				return w.act("test.one").switchTo(req, true)
			}
		}
		go func() {
			<-started
			interrupt <- "interrupt"
			if signals == 2 {
				interrupt <- "interrupt"
				return
			}
			close(release)
		}()
		s, err := w.drive(func(c *local.Config) { c.Interrupt = interrupt })
		require.ErrorIs(t, err, local.ErrInterrupted)
		require.Equal(t, "run_interrupted", w.trace()[len(w.journal)-1])
		_, began := s.Step("two")
		if signals == 1 {
			require.True(t, began, "its turn has come")
			require.Equal(t, []string{"one true"}, w.effects)
		} else {
			require.False(t, began)
			require.Empty(t, w.effects)
		}
		w.act("test.one").run = nil
		s, err = w.drive()
		require.NoError(t, err)
		require.Equal(t, event.Succeeded, s.Status())
	}
}

func TestRequestsFromOtherProcesses(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask"), do("act")))
	dana := &event.Actor{User: "dana"}
	w.inbox.waiting = []local.Request{
		{ID: "1", Events: []event.Event{{Path: "ask", By: dana, Body: event.ApprovalGiven{Role: "janitor"}}}},
		{ID: "2", Events: []event.Event{{Path: "", By: dana, Body: event.NoteAdded{Text: "on it"}}}},
	}
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Waiting, s.Status())
	require.ErrorContains(t, w.inbox.answers["1"], "was not asked")
	require.NoError(t, w.inbox.answers["2"])

	// The driver dies between making a request durable and answering it.
	w.inbox.waiting = []local.Request{{ID: "2", Events: []event.Event{{By: dana, Body: event.NoteAdded{Text: "on it"}}}},
		{ID: "3", Events: []event.Event{{Path: "ask", By: dana, Body: event.ApprovalGiven{Role: "commander"}}}}}
	s, err = w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	require.Equal(t, 1, strings.Count(w.text(), "note_added"), "a request is carried out once")
}

func TestCancelStopsWhatRuns(t *testing.T) {
	w := newWorld(t, build(do("one"), do("two")))
	commands, started := make(chan local.Command), make(chan struct{})
	w.act("test.one").run = func(ctx context.Context, _ action.Request, _ action.Sink) (action.Result, error) {
		close(started)
		<-ctx.Done()
		return action.Result{}, ctx.Err()
	}
	reply := make(chan error, 1)
	go func() {
		<-started
		commands <- local.Command{Reply: reply, Events: []event.Event{{By: &event.Actor{User: "dana"}, Body: event.CancelRequested{Reason: "drill over"}}}}
	}()
	s, err := w.drive(func(c *local.Config) { c.Commands = commands })
	require.NoError(t, err)
	require.NoError(t, <-reply)
	require.Equal(t, event.Canceled, s.Status())
	st, _ := s.Step("one")
	require.Equal(t, event.Canceled, st.Status)
}

func TestSecretsStayOutOfTheJournal(t *testing.T) {
	const canary = "c4nary/pass+word"
	p := build(do("one").With(func(s *plantest.Step) {
		s.Action.With = []plan.Assignment{{Name: "password", Value: plan.Of("${{ inputs.token }}")}}
	}), do("two").With(func(s *plantest.Step) { s.OnFailure.Policy = plan.FailContinue }))
	p.Inputs = []plan.Field{{Name: "token", Type: "string", Secret: true}}
	w := newWorld(t, p)
	w.secrets["token"] = action.NewSecret(canary)
	w.act("test.one").run = func(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
		require.Equal(t, canary, req.With.Secret("password").Reveal())
		_, _ = io.WriteString(out.Output("stdout"), "the password is "+canary+"\n")
		require.NoError(t, out.Record(map[string]any{"old": canary, "deep": []any{canary}}))
		return action.Result{Summary: "set to " + canary, Outputs: map[string]any{"echo": canary, canary: 1}}, nil
	}
	w.act("test.two").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, fmt.Errorf("login with %s failed, also YzRuYXJ5L3Bhc3Mrd29yZA==", canary)
	}
	var seen strings.Builder
	s, err := w.drive(func(c *local.Config) {
		c.Progress = func(_, line string) { seen.WriteString(line) }
	})
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	for _, text := range []string{w.text(), seen.String(), strings.Join(w.effects, "\n")} {
		require.NotContains(t, text, canary)
		require.NotContains(t, text, "YzRuYXJ5L3Bhc3Mrd29yZA")
	}
	require.Contains(t, w.text(), "[redacted]")
}

func TestRollbackUndoesAndSurvivesACrash(t *testing.T) {
	for failAt := 0; failAt < 6; failAt++ {
		w := newWorld(t, build(do("one"), do("two")))
		_, err := w.drive()
		require.NoError(t, err)
		body, err := event.Event{Time: time.Now(), By: &event.Actor{User: "dana"}, Body: event.RollbackStarted{}}.Encode()
		require.NoError(t, err)
		w.journal = append(w.journal, body)
		w.appends, w.failAt = 0, failAt
		if _, err = w.drive(); err != nil {
			w.failAt = 0
			_, err = w.drive()
		}
		require.NoError(t, err)
		s, _ := w.fold()
		require.Equal(t, event.Undone, s.Status())
		require.Equal(t, []string{"one true", "two true", "two false", "one false"}, w.effects)
	}
}

func TestWaitForACondition(t *testing.T) {
	wait := plantest.Step{Node: plan.Node{
		Name: "until-done", Kind: plan.Wait, Condition: "steps.slow.status == 'succeeded'", Interval: plan.Of("1ms"), WaitFor: plan.Of("1h"),
	}}
	p := build(node(plan.Parallel, "both", []plantest.Step{do("slow")}, []plantest.Step{wait}))
	w := newWorld(t, p)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
}

func TestWideLoop(t *testing.T) {
	p := build(node(plan.ForEach, "all", []plantest.Step{do("touch")}).With(func(s *plantest.Step) {
		s.MaxParallel, s.As = 1000, "n"
		var items []any
		for i := range 1000 {
			items = append(items, fmt.Sprintf("host-%d", i))
		}
		s.Subject = plan.Of(items)
	}))
	w := newWorld(t, p)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	require.Len(t, w.effects, 1000)
}

func TestOnlyWhatPeopleMayAskForIsTaken(t *testing.T) {
	w := newWorld(t, build(do("act")))
	w.inbox.waiting = []local.Request{
		{ID: "1", Events: []event.Event{{By: &event.Actor{User: "mallory"}, Body: event.RunEnded{Status: event.Succeeded}}}},
		{ID: "2", Events: []event.Event{{Body: event.NoteAdded{Text: "nobody"}}}},
	}
	_, err := w.drive()
	require.NoError(t, err)
	require.ErrorContains(t, w.inbox.answers["1"], "nothing that a person can ask for")
	require.ErrorContains(t, w.inbox.answers["2"], "nothing that a person can ask for")
}

// A step is sent out before its beginning is told, and what it says comes after that.
func TestNothingIsHeardOfAStepBeforeItsBeginningIsTold(t *testing.T) {
	w := newWorld(t, build(do("one"), do("two"), do("three")))
	said := make(chan struct{})
	for _, name := range []string{"one", "two", "three"} {
		w.act("test." + name).run = func(_ context.Context, _ action.Request, out action.Sink) (action.Result, error) {
			said <- struct{}{} // it runs already
			out.Progress("at work")
			return action.Result{}, nil
		}
	}
	var mu sync.Mutex
	var heard []string
	hear := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, what)
	}
	_, err := w.drive(func(c *local.Config) {
		c.Observe = func(e event.Event, _ []byte, _ engine.State) {
			if _, begun := e.Body.(event.AttemptStarted); begun {
				<-said
				hear(e.Path + " began")
			}
		}
		c.Progress = func(path, line string) { hear(path + " is " + line) }
	})
	require.NoError(t, err)
	require.Equal(t, []string{"one began", "one is at work", "two began", "two is at work", "three began", "three is at work"}, heard)
}
