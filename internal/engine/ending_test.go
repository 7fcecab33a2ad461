package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

// stand answers all that needs no target, so that attempts stay under way.
func (pl *player) stand() *player {
	for range 1000 {
		answered := false
		for _, f := range engine.Outstanding(pl.s) {
			if f.Kind != engine.Begin && f.Kind != engine.Conclude {
				continue
			}
			pl.must(f.Path, nil, pl.answer(f))
			answered = true
			break
		}
		if !answered {
			return pl
		}
	}
	pl.t.Fatal("the run does not stand still")
	return pl
}

// A doubt may be resolved between the last step of a canceled run and its end.
func TestDoubtResolvedAtTheEndOfACanceledRunBeginsNothing(t *testing.T) {
	words := map[string]event.Body{
		"it happened":       event.StepResolved{Happened: true, Reason: "seen"},
		"it did not happen": event.StepResolved{Reason: "not seen"},
		"look again":        event.StepRetried{},
	}
	for name, word := range words {
		t.Run(name, func(t *testing.T) {
			pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two"))).stand()
			pl.must("one", nil, event.StepUnknown{Attempt: 1, Reason: "gone"})
			pl.must("", dana, event.CancelRequested{})
			_ = pl.try("one", dana, word)
			require.Equal(t, []engine.Effect{{Kind: engine.EndRun, Status: event.Canceled}}, engine.Outstanding(pl.s))
		})
	}
}

// The runbook that a stop step ended has gone on without the step.
func TestDoubtResolvedAfterAStopBeginsNothingBehindIt(t *testing.T) {
	pl := play(t, plantest.Build(
		plantest.Node(plan.Call, "callee", []plantest.Step{
			plantest.Node(plan.Parallel, "both", []plantest.Step{plantest.Do("slow"), plantest.Do("never")}, []plantest.Step{plantest.Node(plan.Stop, "enough").With(func(s *plantest.Step) { s.StopStatus = "succeeded" })}),
		}),
		plantest.Do("after"),
	)).stand()
	pl.must("callee/both/slow", nil, event.StepUnknown{Attempt: 1, Reason: "gone"})
	pl.stand()
	_ = pl.try("callee/both/slow", dana, event.StepResolved{Happened: true, Reason: "seen"})
	pl.run()
	_, begun := pl.s.Step("callee/both/never")
	require.False(t, begun, "a step behind a stop was begun")
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestRollbackUndoesADoubtfulStepFirstAndAsksItsApprovals(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Node(plan.Approve, "ask"), plantest.Do("two"))).stand()
	pl.must("one", nil, event.StepSucceeded{Attempt: 1, Changed: true})
	pl.stand()
	pl.must("ask", dana, event.ApprovalGiven{Role: "commander"})
	pl.stand()
	pl.must("two", nil, event.AttemptRecorded{Attempt: 1, Record: event.Values{"before": "on"}})
	pl.must("two", nil, event.StepUnknown{Attempt: 1, Reason: "gone"})
	pl.must("", dana, event.RollbackStarted{})
	steps, gates := pl.s.RollbackQueue()
	require.Equal(t, []string{"two", "one"}, steps, "newest first")
	require.Equal(t, []string{"ask"}, gates)
	pl.must("ask", dana, event.ApprovalGiven{Role: "commander", Undo: true})
	pl.run()
	require.Equal(t, event.Undone, pl.s.Status())
	require.Error(t, pl.try("two", dana, event.StepResolved{Happened: true, Reason: "seen"}), "what was undone is in doubt no longer")
}

// A question that an earlier rollback left open is nobody's any more.
func TestRollbackForgetsTheQuestionsOfTheOneBefore(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Node(plan.Approve, "first"), plantest.Do("two"), plantest.Node(plan.Approve, "second"), plantest.Do("three"))).stand()
	for _, name := range []string{"one", "two", "three"} {
		pl.must(name, nil, event.StepSucceeded{Attempt: 1, Changed: true})
		pl.stand()
		for gate, before := range map[string]string{"first": "one", "second": "two"} {
			if before == name {
				pl.must(gate, dana, event.ApprovalGiven{Role: "commander"})
				pl.stand()
			}
		}
	}
	pl.run()
	pl.must("", dana, event.RollbackStarted{})
	require.ErrorContains(t, pl.try("first", dana, event.ApprovalRefused{Role: "commander"}), "whether it may be undone")
	pl.must("first", dana, event.ApprovalRefused{Role: "commander", Undo: true})
	pl.run()
	pl.must("", dana, event.RollbackStarted{Only: "two"})
	_, gates := pl.s.RollbackQueue()
	require.Equal(t, []string{"first"}, gates)
	require.Error(t, pl.try("second", dana, event.ApprovalRefused{Role: "commander", Undo: true}))
}

func TestRetryAfterAConditionThatFailedAsksItAgain(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one")))
	pl.must("one", nil, event.StepFailed{Error: event.Failure{Message: "`when` cannot be worked out"}})
	pl.must("one", dana, event.StepRetried{})
	_, st := pl.node("one")
	require.Equal(t, engine.Entering, st.Phase, "its condition was never true")
}

// What the automation changed before a person took over is put back too.
func TestRollbackPutsBackWhatAPersonTookOver(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"))).stand()
	pl.must("one", nil, event.AttemptRecorded{Attempt: 1, Record: event.Values{"before": "on"}})
	pl.must("one", nil, event.StepFailed{Attempt: 1, Fallback: "do it by hand", Error: event.Failure{Message: "broken"}})
	pl.must("one", dana, event.StepSucceeded{})
	require.Equal(t, []string{"one"}, pl.s.Undoable("", ""))
}

func TestCancelDoesNotWaitForAStop(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Node(plan.Parallel, "both",
		[]plantest.Step{plantest.Do("slow")},
		[]plantest.Step{plantest.Node(plan.Stop, "enough").With(func(s *plantest.Step) { s.StopStatus = "failed" })},
	))).stand()
	pl.must("", dana, event.CancelRequested{Reason: "now"})
	require.Contains(t, engine.Outstanding(pl.s), engine.Effect{Kind: engine.Abort, Path: "both/slow", Attempt: 1})
	pl.must("both/slow", nil, event.StepCanceled{})
	pl.run()
	require.Equal(t, event.Canceled, pl.s.Status())
}
