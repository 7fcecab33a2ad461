package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

func TestStepsRunInOrder(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two"))).run()
	require.Equal(t, []string{
		"run_started", "attempt_started one", "step_succeeded one",
		"attempt_started two", "step_succeeded two", "run_ended",
	}, pl.trace)
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Empty(t, engine.Outstanding(pl.s))
}

func TestFailedStepWaitsWhileBranchesBesideItFinish(t *testing.T) {
	p := plantest.Build(plantest.Node(plan.Parallel, "contain", []plantest.Step{plantest.Do("email")}, []plantest.Step{plantest.Do("website"), plantest.Do("banner")}), plantest.Do("tell"))
	pl := play(t, p)
	pl.fails = func(path string, attempt int) bool { return path == "contain/email" && attempt < 2 }
	pl.run()
	require.Equal(t, event.Waiting, pl.s.Status())
	require.Equal(t, event.Failed, pl.status("contain/email"))
	require.Equal(t, event.Succeeded, pl.status("contain/banner"))
	_, began := pl.s.Step("tell")
	require.False(t, began, "nothing new begins behind a failed step")
	require.True(t, engine.NeedsPerson(pl.s))

	pl.must("contain/email", dana, event.StepRetried{Reason: "fixed"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Equal(t, event.Succeeded, pl.status("tell"))
}

func TestBlockAnswersForTheFailuresInIt(t *testing.T) {
	inner := plantest.Node(plan.Group, "inner", []plantest.Step{plantest.Do("email"), plantest.Do("never")})
	block := plantest.Node(plan.Parallel, "contain", []plantest.Step{inner}, []plantest.Step{plantest.Do("website")}).With(func(s *plantest.Step) {
		s.OnFailure = plan.OnFailure{Policy: plan.FailContinue, Next: plan.None}
	})
	pl := play(t, plantest.Build(block, plantest.Do("tell")))
	pl.fails = func(path string, _ int) bool { return path == "contain/inner/email" }
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status(), "nobody is asked")
	for path, want := range map[string]event.Status{
		"contain/inner/email": event.Failed, "contain/inner": event.Failed, "contain/website": event.Succeeded,
		"contain": event.Failed, "tell": event.Succeeded,
	} {
		require.Equal(t, want, pl.status(path), path)
	}
	_, st := pl.node("contain")
	require.Equal(t, "step contain/inner failed: step contain/inner/email failed: broken", st.Error.Message)
	_, began := pl.s.Step("contain/inner/never")
	require.False(t, began)
}

func TestSkipGoesOnAndNeedsAPerson(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two")))
	pl.fails = func(path string, _ int) bool { return path == "one" }
	pl.run()
	require.Error(t, pl.try("one", nil, event.StepSkipped{Reason: "no"}))
	pl.must("one", dana, event.StepSkipped{Reason: "done by hand"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Equal(t, event.Skipped, pl.status("one"))
}

func TestFallbackHandsOverToAPerson(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two")))
	pl.must("one", nil, event.AttemptStarted{Attempt: 1})
	pl.must("one", nil, event.StepFailed{Attempt: 1, Error: event.Failure{Message: "broken"}, Fallback: "Call the provider."})
	require.Equal(t, event.Waiting, pl.s.Status())
	require.Error(t, pl.try("one", nil, event.StepSucceeded{}), "nobody said that it is done")
	pl.must("one", dana, event.StepSucceeded{})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	_, st := pl.node("one")
	require.Equal(t, dana, st.By)
}

func TestForEachKeepsItsWidth(t *testing.T) {
	p := plantest.Build(plantest.Node(plan.ForEach, "rotate", []plantest.Step{plantest.Do("revoke"), plantest.Do("reset")}).With(func(s *plantest.Step) { s.MaxParallel = 2; s.As = "account" }))
	pl := play(t, p)
	pl.items["rotate"] = []any{"alice", "bob", "carol"}
	pl.must("rotate", nil, pl.answer(engine.Outstanding(pl.s)[0]))
	require.Len(t, engine.Outstanding(pl.s), 2)
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Equal(t, event.Succeeded, pl.status("rotate[carol]/reset"))
	item, key, i, ok := pl.s.At("rotate[bob]/reset").Loop("account")
	require.True(t, ok)
	require.Equal(t, []any{"bob", "bob", int64(1)}, []any{item, key, i})
	st, ok, known := pl.s.At("rotate[bob]/reset").Step("revoke")
	require.True(t, ok && known)
	require.Equal(t, "rotate[bob]/revoke", st.Path)
}

func TestWhileNamesItsPasses(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Node(plan.While, "poll", []plantest.Step{plantest.Do("look")})))
	pl.passes["poll"] = 3
	pl.run()
	require.Equal(t, event.Succeeded, pl.status("poll[3]/look"))
	_, ok := pl.s.Step("poll[4]/look")
	require.False(t, ok)
}

func TestJumpBackVisitsAgainUnderANewPath(t *testing.T) {
	p := plantest.Build(plantest.Do("one"), plantest.Do("two").With(func(s *plantest.Step) { s.OnFail = "one" }), plantest.Do("three"))
	pl := play(t, p)
	pl.fails = func(path string, _ int) bool { return path == "two" }
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Equal(t, event.Failed, pl.status("two"))
	require.Equal(t, event.Succeeded, pl.status("two#2"))
	st, _, _ := pl.s.At("three").Step("one")
	require.Equal(t, "one#2", st.Path, "an expression means the latest visit")
}

func TestStopEndsOnlyTheRunbookAroundIt(t *testing.T) {
	stop := func(name string) plantest.Step {
		return plantest.Step{Node: plan.Node{Name: name, Kind: plan.Stop, StopStatus: "succeeded"}}
	}
	p := plantest.Build(plantest.Node(plan.Call, "pay", []plantest.Step{plantest.Do("look"), stop("enough"), plantest.Do("never")}), plantest.Do("after"), stop("end"), plantest.Do("last"))
	pl := play(t, p).run()
	require.Equal(t, event.Succeeded, pl.s.Status())
	require.Equal(t, event.Succeeded, pl.status("pay"))
	require.Equal(t, event.Succeeded, pl.status("after"))
	for _, path := range []string{"pay/never", "last"} {
		_, ok := pl.s.Step(path)
		require.False(t, ok, path)
	}
}

func TestTimeoutOfABlockCancelsWhatWaitsAndStopsWhatRuns(t *testing.T) {
	p := plantest.Build(plantest.Node(plan.Parallel, "contain", []plantest.Step{plantest.Do("email")}, []plantest.Step{plantest.Node(plan.Manual, "call")}).With(func(s *plantest.Step) {
		s.OnFailure = plan.OnFailure{Policy: plan.FailContinue, Next: plan.None}
	}), plantest.Do("after"))
	pl := play(t, p)
	pl.must("contain", nil, event.StepStarted{Deadline: start.Add(time.Minute)})
	pl.must("contain/email", nil, event.AttemptStarted{Attempt: 1})
	pl.must("contain/call", nil, event.StepStarted{Text: "Call."})
	require.Contains(t, engine.Outstanding(pl.s), engine.Effect{Kind: engine.Expire, Path: "contain", At: start.Add(time.Minute)})
	pl.must("contain", nil, event.StepFailed{Error: event.Failure{Message: "late", Timeout: true}})
	require.Equal(t, event.Canceled, pl.status("contain/call"))
	require.Contains(t, engine.Outstanding(pl.s), engine.Effect{Kind: engine.Abort, Path: "contain/email", Attempt: 1})
	pl.must("contain/email", nil, event.StepCanceled{})
	require.Equal(t, event.Failed, pl.status("contain"))
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestCancelEndsTheRun(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Node(plan.Parallel, "both", []plantest.Step{plantest.Do("one")}, []plantest.Step{plantest.Node(plan.Approve, "ask")})))
	pl.must("both", nil, event.StepStarted{})
	pl.must("both/one", nil, event.AttemptStarted{Attempt: 1})
	pl.must("", dana, event.CancelRequested{Reason: "false alarm"})
	require.True(t, pl.s.Canceling())
	pl.must("both/one", nil, event.StepSucceeded{Attempt: 1, Changed: true})
	pl.run()
	require.Equal(t, event.Canceled, pl.s.Status())
	require.Equal(t, event.Succeeded, pl.status("both/one"), "what had its effect is not called canceled")
	require.Error(t, pl.try("", dana, event.CancelRequested{}))
}

func TestPauseHoldsBackNewAttempts(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two")))
	pl.must("one", nil, event.AttemptStarted{Attempt: 1})
	pl.must("", dana, event.RunPaused{})
	pl.must("one", nil, event.StepSucceeded{Attempt: 1})
	require.Empty(t, engine.Outstanding(pl.s))
	require.Equal(t, event.Waiting, pl.s.Status())
	pl.must("", dana, event.RunContinued{})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestAnybodyMayAnswerWhereNoRoleWasAsked(t *testing.T) {
	act := plantest.Do("act").With(func(s *plantest.Step) { s.Approval = &plan.Approval{Need: 1} })
	pl := play(t, plantest.Build(act))
	pl.run()
	require.ErrorContains(t, pl.try("act", dana, event.ApprovalGiven{Role: "janitor"}), "was not asked")
	pl.must("act", dana, event.ApprovalGiven{})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestApprovalsCountPersonsOnce(t *testing.T) {
	ask := plantest.Node(plan.Approve, "ask").With(func(s *plantest.Step) {
		s.Approval = &plan.Approval{Roles: []string{"commander", "legal"}, Need: 2, NotRequester: true}
	})
	pl := play(t, plantest.Build(ask, plantest.Do("act")))
	pl.run()
	require.Equal(t, event.Waiting, pl.s.Status())
	require.ErrorContains(t, pl.try("ask", dana, event.ApprovalGiven{Role: "janitor"}), "was not asked")
	require.ErrorContains(t, pl.try("ask", dana, event.ApprovalGiven{Role: "commander", Undo: true}), "which nobody asks")
	pl.must("ask", dana, event.ApprovalGiven{Role: "commander"})
	require.ErrorContains(t, pl.try("ask", dana, event.ApprovalGiven{Role: "legal"}), "agreed already")
	require.ErrorContains(t, pl.try("ask", dana, event.StepSkipped{Reason: "no time"}), "cannot be skipped")
	pl.must("ask", &event.Actor{User: "x", Person: "alex"}, event.ApprovalGiven{Role: "legal"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestWhoeverStartedTheRunMustNotAgreeInAnotherName(t *testing.T) {
	ask := plantest.Node(plan.Approve, "ask").With(func(s *plantest.Step) {
		s.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 1, NotRequester: true}
	})
	p := plantest.Build(ask)
	pl := &player{t: t, s: engine.New(p), now: start, fails: func(string, int) bool { return false }}
	pl.must("", &event.Actor{User: "root"}, event.RunStarted{Run: "01TEST"})
	pl.run()
	require.ErrorContains(t, pl.try("ask", &event.Actor{User: "root", Person: "dana"}, event.ApprovalGiven{Role: "commander"}), "someone else must agree")
	pl.must("ask", &event.Actor{User: "dana", Person: "dana"}, event.ApprovalGiven{Role: "commander"})
}

func TestRefusalIsOneNo(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Node(plan.Approve, "ask"), plantest.Do("act"))).run()
	pl.must("ask", dana, event.ApprovalRefused{Role: "commander", Comment: "not yet"})
	pl.run()
	require.Equal(t, event.Failed, pl.status("ask"))
	require.Equal(t, event.Waiting, pl.s.Status())
	pl.must("ask", dana, event.StepRetried{})
	pl.run()
	require.Equal(t, event.Waiting, pl.status("ask"), "it is asked again")
	pl.must("ask", dana, event.ApprovalGiven{Role: "commander"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())
}

func TestUnknownOutcomeIsResolvedByAPerson(t *testing.T) {
	for _, happened := range []bool{true, false} {
		t.Run(fmt.Sprint(happened), func(t *testing.T) {
			pl := play(t, plantest.Build(plantest.Do("send"), plantest.Do("after")))
			pl.must("send", nil, event.AttemptStarted{Attempt: 1})
			pl.must("send", nil, event.StepUnknown{Attempt: 1, Reason: "the process died"})
			require.Equal(t, event.InDoubt, pl.s.Status())
			require.Error(t, pl.try("send", nil, event.StepResolved{Happened: happened}))
			pl.must("send", dana, event.StepResolved{Happened: happened, Reason: "looked"})
			pl.run()
			_, st := pl.node("send")
			require.Equal(t, event.Succeeded, st.Status)
			require.Equal(t, map[bool]int{true: 1, false: 2}[happened], st.Attempt)
		})
	}
}

// TestOnlyTheDriverSaysHowWorkOfTheMachineEnded: nobody ends a running action by
// asking for its success.
func TestOnlyTheDriverSaysHowWorkOfTheMachineEnded(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("slow")))
	require.Error(t, pl.try("slow", dana, event.StepSucceeded{}))
	pl.must("slow", nil, event.AttemptStarted{Attempt: 1})
	require.ErrorContains(t, pl.try("slow", dana, event.StepSucceeded{Attempt: 1}), "nothing is asked of a person here")
	pl.must("slow", nil, event.StepSucceeded{Attempt: 1})
}

func TestRollbackUndoesNewestFirstBehindTheSameApprovals(t *testing.T) {
	p := plantest.Build(plantest.Node(plan.Approve, "authorise"),
		plantest.Node(plan.Parallel, "contain", []plantest.Step{plantest.Do("email")}, []plantest.Step{plantest.Do("website")}), plantest.Do("tell"))
	pl := play(t, p).run()
	pl.must("authorise", dana, event.ApprovalGiven{Role: "commander"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status())

	from := len(pl.trace)
	pl.must("", dana, event.RollbackStarted{Reason: "false alarm"})
	require.Equal(t, event.Waiting, pl.s.Status(), "the commander is asked again")
	pl.run()
	require.Equal(t, event.Waiting, pl.s.Status())
	pl.must("authorise", dana, event.ApprovalGiven{Role: "commander", Undo: true})
	pl.run()
	require.Equal(t, []string{
		"rollback_started", "approval_given authorise",
		"undo_started tell", "step_undone tell",
		"undo_started contain/website", "step_undone contain/website",
		"undo_started contain/email", "step_undone contain/email", "run_ended",
	}, pl.trace[from:])
	require.Equal(t, event.Undone, pl.s.Status())
	require.ErrorContains(t, pl.try("", dana, event.RollbackStarted{}), "nothing to undo")
}

func TestRollbackCanBeLimited(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"), plantest.Do("two"), plantest.Do("three"))).run()
	require.ErrorContains(t, pl.try("", dana, event.RollbackStarted{To: "four"}), "nothing to undo")
	pl.must("", dana, event.RollbackStarted{To: "two"})
	pl.run()
	require.Equal(t, event.Succeeded, pl.s.Status(), "part of it is still in place")
	require.Equal(t, []event.Status{event.Succeeded, event.Undone, event.Undone},
		[]event.Status{pl.status("one"), pl.status("two"), pl.status("three")})
	pl.must("", dana, event.RollbackStarted{Only: "one"})
	pl.run()
	require.Equal(t, event.Undone, pl.status("one"))
}

func TestFailedUndoWaitsForADecision(t *testing.T) {
	pl := play(t, plantest.Build(plantest.Do("one"))).run()
	pl.must("", dana, event.RollbackStarted{})
	pl.must("one", nil, event.UndoStarted{Attempt: 1})
	pl.must("one", nil, event.UndoFailed{Attempt: 1, Error: event.Failure{Message: "locked"}})
	require.Equal(t, event.Waiting, pl.s.Status())
	require.True(t, engine.NeedsPerson(pl.s))
	pl.must("one", dana, event.StepRetried{})
	pl.run()
	require.Equal(t, event.Undone, pl.s.Status())
}

func TestOnFailureRollbackUndoesWhatWasDone(t *testing.T) {
	p := plantest.Build(plantest.Do("one"), plantest.Do("two").With(func(s *plantest.Step) {
		s.OnFailure = plan.OnFailure{Policy: plan.FailRollback, Next: plan.None}
	}))
	pl := play(t, p)
	pl.fails = func(path string, _ int) bool { return path == "two" }
	pl.run()
	require.Equal(t, event.Undone, pl.s.Status())
	require.Equal(t, event.Undone, pl.status("one"))
}

func TestVariablesBelongToTheirRunbook(t *testing.T) {
	set := plantest.Step{Node: plan.Node{Name: "count", Kind: plan.Set, Set: []plan.Assignment{{Name: "count"}}}}
	pl := play(t, plantest.Build(plantest.Node(plan.Call, "sub", []plantest.Step{set}), plantest.Do("after"))).run()
	_, ok := pl.s.At("after").Variable("count")
	require.False(t, ok)
	v, ok := pl.s.Within("sub", 0).Variable("count")
	require.True(t, ok)
	require.Equal(t, int64(1), v)
}

// randomPlan builds blocks within blocks.
func randomPlan(r *rand.Rand, pl map[string][]any, passes map[string]int) *plan.Plan {
	n := 0
	name := func() string { n++; return fmt.Sprintf("s%d", n) }
	var block func(depth int) []plantest.Step
	block = func(depth int) []plantest.Step {
		var out []plantest.Step
		for range 1 + r.IntN(3) {
			if depth == 0 || r.IntN(2) == 0 {
				s := plantest.Do(name())
				if r.IntN(4) == 0 {
					s.OnFailure = plan.OnFailure{Policy: plan.FailContinue, Next: plan.None}
				}
				out = append(out, s)
				continue
			}
			id := name()
			switch r.IntN(6) {
			case 0:
				out = append(out, plantest.Node(plan.Parallel, id, block(depth-1), block(depth-1), nil))
			case 1:
				pl[id] = []any{"x", "y", "z"}[:r.IntN(4)]
				out = append(out, plantest.Node(plan.ForEach, id, block(depth-1)).With(func(s *plantest.Step) { s.MaxParallel = 1 + r.IntN(2) }))
			case 2:
				passes[id] = r.IntN(3)
				out = append(out, plantest.Node(plan.While, id, block(depth-1)))
			case 3:
				out = append(out, plantest.Node(plan.If, id, block(depth-1), block(depth-1)))
			case 4:
				out = append(out, plantest.Node(plan.Call, id, block(depth-1)))
			default:
				out = append(out, plantest.Node(plan.Group, id, block(depth-1)))
			}
		}
		return out
	}
	return plantest.Build(block(3)...)
}

// Folding is deterministic, and from every prefix of a journal the same
// effects are outstanding as when it was written.
func TestEveryPrefixOwesWhatItOwed(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		items, passes := map[string][]any{}, map[string]int{}
		p := randomPlan(r, items, passes)
		pl := play(t, p)
		pl.items, pl.passes = items, passes
		pl.fails = func(string, int) bool { return r.IntN(12) == 0 }
		pl.shuffle(r)
		for range 40 { // people decide, until the run ends
			if !pl.s.EndedAt().IsZero() {
				break
			}
			for _, st := range pl.s.Open() {
				if st.Phase == engine.Deciding {
					if r.IntN(2) == 0 {
						pl.must(st.Path, dana, event.StepRetried{})
					} else {
						pl.must(st.Path, dana, event.StepSkipped{Reason: "test"})
					}
					break
				}
			}
			pl.shuffle(r)
		}
		require.False(t, pl.s.EndedAt().IsZero(), "seed %d: %s", seed, states(pl.s))
		if len(pl.s.Undoable("", "")) > 0 {
			pl.must("", dana, event.RollbackStarted{})
			pl.shuffle(r)
			require.Equal(t, event.Undone, pl.s.Status())
		}

		s := engine.New(p)
		var kept []engine.State
		var want []string
		for _, e := range pl.events {
			var err error
			s, err = engine.Apply(s, e)
			require.NoError(t, err)
			kept, want = append(kept, s), append(want, states(s))
		}
		require.Equal(t, states(pl.s), states(s))
		for i := range kept {
			require.Equal(t, want[i], states(kept[i]), "an old state changed later")
			if i%8 == int(seed%8) {
				sameFold(t, kept[i], pl.events[:i+1])
			}
		}
	}
}

// An event that cannot happen changes nothing, whatever it is.
func TestIllegalEventsChangeNothing(t *testing.T) {
	bodies := []event.Body{
		event.RunStarted{}, event.RunContinued{}, event.RunEnded{Status: event.Succeeded}, event.StepStarted{},
		event.AttemptStarted{Attempt: 7}, event.AttemptRecorded{Attempt: 9}, event.AttemptFailed{Attempt: 9},
		event.StepSucceeded{Attempt: 9}, event.StepUnknown{Attempt: 9}, event.StepCanceled{}, event.StepResolved{},
		event.ApprovalGiven{Role: "x"}, event.ApprovalRefused{Role: "x"}, event.IterationStarted{Iteration: 9},
		event.UndoStarted{Attempt: 4}, event.StepUndone{}, event.UndoFailed{}, event.UndoSkipped{}, nil,
	}
	r := rand.New(rand.NewPCG(1, 2))
	items, passes := map[string][]any{}, map[string]int{}
	pl := play(t, randomPlan(r, items, passes))
	pl.items, pl.passes = items, passes
	for range 400 {
		before := states(pl.s)
		b := bodies[r.IntN(len(bodies))]
		path := ""
		if open := pl.s.Open(); len(open) > 0 && r.IntN(5) > 0 {
			path = open[r.IntN(len(open))].Path
		}
		next, err := engine.Apply(pl.s, event.Event{Time: pl.now, Path: path, Body: b})
		if err != nil {
			require.Equal(t, before, states(next))
		}
		require.Equal(t, before, states(pl.s))
		if todo := engine.Outstanding(pl.s); len(todo) > 0 {
			if body := pl.answer(todo[r.IntN(len(todo))]); body != nil {
				f := todo[0]
				if b := pl.answer(f); b != nil {
					pl.must(f.Path, nil, b)
				}
			}
		}
	}
}

// A fold ends with the first error and gives no state that goes half way.
func TestFoldEndsWithTheFirstError(t *testing.T) {
	started := event.Event{Time: start, Body: event.RunStarted{Run: "01TEST"}}
	broken := errors.New("unreadable")
	for name, second := range map[string]struct {
		e   event.Event
		err error
	}{
		"of the events": {err: broken},
		"of Apply":      {e: started},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Fold(plantest.Build(plantest.Do("a")), func(yield func(event.Event, error) bool) {
				if yield(started, nil) && yield(second.e, second.err) {
					t.Error("the fold went on")
				}
			}, nil)
			if second.err != nil {
				require.Equal(t, broken, err)
				return
			}
			require.ErrorContains(t, err, "the run has started already")
		})
	}
}

func BenchmarkFoldSequence(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			steps := make([]plantest.Step, n)
			for i := range steps {
				steps[i] = plantest.Do(fmt.Sprintf("s%d", i))
			}
			p := plantest.Build(steps...)
			for b.Loop() {
				s := engine.New(p)
				s, _ = engine.Apply(s, event.Event{Time: start, Body: event.RunStarted{Run: "r"}})
				for {
					todo := engine.Outstanding(s)
					if len(todo) == 0 {
						break
					}
					var body event.Body
					switch f := todo[0]; f.Kind {
					case engine.Begin:
						body = event.AttemptStarted{Attempt: 1}
					case engine.Perform:
						body = event.StepSucceeded{Attempt: 1}
					default:
						body = event.RunEnded{Status: event.Succeeded}
					}
					s, _ = engine.Apply(s, event.Event{Time: start, Path: todo[0].Path, Body: body})
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/step")
		})
	}
}
