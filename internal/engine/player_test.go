package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

var (
	start = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	dana  = &event.Actor{User: "root", Person: "dana"}
)

// player is a driver without a world: it answers effects by a script.
type player struct {
	t      *testing.T
	s      engine.State
	now    time.Time
	events []event.Event
	// fails says that an attempt of the step called name fails for good.
	fails func(path string, attempt int) bool
	// items of foreach steps, by name.
	items map[string][]any
	// passes of while steps, by name.
	passes map[string]int
	trace  []string
}

func play(t *testing.T, p *plan.Plan) *player {
	pl := &player{t: t, s: engine.New(p), now: start, fails: func(string, int) bool { return false }, items: map[string][]any{}, passes: map[string]int{}}
	pl.must("", nil, event.RunStarted{Run: "01TEST", Inputs: event.Values{}})
	t.Cleanup(func() { sameFold(t, pl.s, pl.events) })
	return pl
}

// sameFold holds what Fold makes of the events against the state that Apply
// led to, event by event.
func sameFold(t *testing.T, want engine.State, events []event.Event) {
	step, at := engine.New(want.Plan()), 0
	got, err := engine.Fold(want.Plan(), func(yield func(event.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}, func(before engine.State, _ event.Event) {
		require.Equal(t, step.Open(), before.Open())
		require.Equal(t, step.Steps(), before.Steps())
		step, _ = engine.Apply(step, events[at])
		at++
	})
	require.NoError(t, err)
	require.Equal(t, want.Root(), got.Root())
	require.Equal(t, want.Steps(), got.Steps())
	require.Equal(t, want.Open(), got.Open())
	require.Equal(t, engine.Outstanding(want), engine.Outstanding(got))
	require.Equal(t, states(want), states(got))
}

func (pl *player) try(path string, by *event.Actor, b event.Body) error {
	pl.now = pl.now.Add(time.Second)
	e := event.Event{Time: pl.now, Path: path, By: by, Body: b}
	before := fmt.Sprint(engine.Outstanding(pl.s))
	next, err := engine.Apply(pl.s, e)
	require.Equal(pl.t, before, fmt.Sprint(engine.Outstanding(pl.s)), "Apply changed the old state")
	if err != nil {
		return err
	}
	pl.s = next
	pl.events = append(pl.events, e)
	pl.trace = append(pl.trace, strings.TrimSpace(string(b.Type())+" "+path))
	return nil
}

func (pl *player) must(path string, by *event.Actor, b event.Body) {
	pl.t.Helper()
	require.NoError(pl.t, pl.try(path, by, b))
}

func (pl *player) node(path string) (*plan.Node, engine.Step) {
	st, ok := pl.s.Step(path)
	require.True(pl.t, ok, path)
	return pl.s.Plan().Node(st.Node), st
}

// answer returns what a driver would say to an effect; nil if it waits.
func (pl *player) answer(f engine.Effect) event.Body {
	if f.Kind == engine.EndRun {
		return event.RunEnded{Status: f.Status}
	}
	n, st := pl.node(f.Path)
	if f.At.After(pl.now) {
		pl.now = f.At
	}
	switch f.Kind {
	case engine.Begin:
		return pl.begin(n, st)
	case engine.Perform:
		if pl.fails(f.Path, f.Attempt) {
			return event.StepFailed{Attempt: f.Attempt, Error: event.Failure{Message: "broken"}}
		}
		return event.StepSucceeded{Attempt: f.Attempt, Changed: true, Outputs: event.Values{"path": f.Path}}
	case engine.Conclude:
		if st.Refused != nil {
			return event.StepFailed{Error: event.Failure{Message: "refused"}}
		}
		if status, message, ok := st.Stopped(); ok && status == event.Failed {
			return event.StepFailed{Error: event.Failure{Message: message}}
		}
		if n.Kind == plan.While && st.Iteration < pl.passes[n.Name] {
			return event.IterationStarted{Iteration: st.Iteration + 1}
		}
		return event.StepSucceeded{}
	case engine.BeginUndo:
		return event.UndoStarted{Attempt: f.Attempt + 1}
	case engine.PerformUndo:
		return event.StepUndone{Attempt: f.Attempt}
	}
	return nil
}

func (pl *player) begin(n *plan.Node, st engine.Step) event.Body {
	if n.Approval != nil && st.Phase == engine.Entering {
		return event.ApprovalAsked{Roles: n.Approval.Roles, Need: n.Approval.Need}
	}
	switch n.Kind {
	case plan.Action:
		return event.AttemptStarted{Attempt: st.Attempt + 1}
	case plan.Set, plan.Stop:
		return event.StepSucceeded{Outputs: event.Values{n.Name: int64(1)}, Summary: "over"}
	case plan.If, plan.Switch:
		return event.StepStarted{Branch: "a"}
	case plan.ForEach:
		var keys []string
		for _, item := range pl.items[n.Name] {
			keys = append(keys, fmt.Sprint(item))
		}
		return event.StepStarted{Items: pl.items[n.Name], Keys: keys}
	}
	return event.StepStarted{}
}

// run answers effects, one after the other, until only people can go on.
func (pl *player) run() *player {
	pl.t.Helper()
	for range 200_000 {
		answered := false
		for _, f := range engine.Outstanding(pl.s) {
			if f.Kind == engine.Expire || f.Kind == engine.Abort {
				continue
			}
			if b := pl.answer(f); b != nil {
				pl.must(f.Path, nil, b)
				answered = true
				break
			}
		}
		if !answered {
			return pl
		}
	}
	pl.t.Fatal("the run does not end")
	return pl
}

// shuffle is run with the effects answered in random order.
func (pl *player) shuffle(r *rand.Rand) {
	for range 10_000 {
		todo := engine.Outstanding(pl.s)
		r.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
		answered := false
		for _, f := range todo {
			if f.Kind == engine.Expire || f.Kind == engine.Abort {
				continue
			}
			if b := pl.answer(f); b != nil {
				pl.must(f.Path, nil, b)
				answered = true
				break
			}
		}
		if !answered {
			return
		}
	}
	pl.t.Fatal("the run does not end")
}

func (pl *player) status(path string) event.Status {
	_, st := pl.node(path)
	return st.Status
}

// states is what a reader could tell two runs apart by.
func states(s engine.State) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.Status(), s.Message(), s.Paused())
	for _, st := range s.Steps() {
		fmt.Fprintf(&b, "%s %s %s %d %v %s\n", st.Path, st.Status, st.Phase, st.Attempt, st.Outputs, st.Undo.Phase)
	}
	fmt.Fprintln(&b, engine.Outstanding(s))
	return b.String()
}
