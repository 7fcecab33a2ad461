package local_test

import (
	"context"
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

// set gives the variable host a value.
func set(name, host string) plantest.Step {
	return plantest.Node(plan.Set, name).With(func(s *plantest.Step) {
		s.Set = []plan.Assignment{{Name: "host", Value: plan.Of(host)}}
	})
}

// onHost uses the variable host.
func onHost(name string) plantest.Step {
	return plantest.Do(name).With(func(s *plantest.Step) {
		s.Action.With = []plan.Assignment{{Name: "text", Value: plan.Of("${{ vars.host }}")}}
	})
}

// The journal says what is done: what other steps change between the intent and
// the attempt changes nothing about it.
func TestAttemptDoesWhatItsIntentSays(t *testing.T) {
	w := newWorld(t, plantest.Build(set("first", "one"),
		plantest.Node(plan.Parallel, "both", []plantest.Step{onHost("use")}, []plantest.Step{set("second", "two")})))
	echo(w, "test.use")
	_, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, []string{"both/use: one"}, w.effects)
}

func TestUndoIsAboutWhatTheAttemptWasAbout(t *testing.T) {
	w := newWorld(t, plantest.Build(set("first", "one"), onHost("use"), set("second", "two")))
	var undone []string
	w.act("test.use").undone = func(req action.Request) { undone = append(undone, req.With.String("text")) }
	_, err := w.drive()
	require.NoError(t, err)
	body, err := event.Event{Time: time.Now(), By: &event.Actor{User: "root"}, Body: event.RollbackStarted{}}.Encode()
	require.NoError(t, err)
	w.journal = append(w.journal, body)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Undone, s.Status())
	require.Equal(t, []string{"one"}, undone)
}

// Whoever takes over by hand does what nobody has agreed to.
func TestFallbackComesOnlyAfterTheApproval(t *testing.T) {
	step := plantest.Do("one").With(func(s *plantest.Step) {
		s.Approval = &plan.Approval{Roles: []string{"commander"}, Need: 1, Within: plan.Of("1ms")}
		s.Fallback = plan.Of("do it by hand")
	})
	w := newWorld(t, plantest.Build(step))
	signals := make(chan string, 1)
	s, err := w.drive(func(c *local.Config) {
		c.WaitForPeople, c.Interrupt = true, signals
		c.Observe = func(e event.Event, _ []byte, _ engine.State) {
			if e.Type() == "step_failed" {
				signals <- "interrupt"
			}
		}
	})
	require.ErrorIs(t, err, local.ErrInterrupted)
	st, _ := s.Step("one")
	require.Equal(t, engine.Deciding, st.Phase)
}

func TestNameOfATargetHoldsNoSecret(t *testing.T) {
	step := plantest.Do("one").With(func(s *plantest.Step) { s.Action.TargetExpr = plan.Of("host-${{ inputs.pin }}") })
	p := plantest.Build(step)
	p.Inputs = []plan.Field{{Name: "pin", Type: "string", Secret: true}}
	w := newWorld(t, p)
	w.secrets["pin"] = action.NewSecret("hunter2hunter2")
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Failed, func() event.Status { st, _ := s.Step("one"); return st.Status }())
	require.NotContains(t, w.text(), "hunter2")
}

func TestSecretInsideAMapReachesACalledRunbook(t *testing.T) {
	one := plantest.Do("one").With(func(s *plantest.Step) {
		s.Action.With = []plan.Assignment{{Name: "password", Value: plan.Of("${{ inputs.login.pw }}")}}
	})
	call := plantest.Node(plan.Call, "callee", []plantest.Step{one}).With(func(s *plantest.Step) {
		s.CalleeInputs = []plan.Field{{Name: "login", Type: "map"}}
		s.Node.With = []plan.Assignment{{Name: "login", Value: plan.Of(map[string]any{"pw": "${{ inputs.pw }}"})}}
	})
	p := plantest.Build(call)
	p.Inputs = []plan.Field{{Name: "pw", Type: "string", Secret: true}}
	w := newWorld(t, p)
	w.secrets["pw"] = action.NewSecret("hunter2hunter2")
	var got string
	w.act("test.one").run = func(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
		got = req.With.Secret("password").Reveal()
		return action.Result{}, nil
	}
	_, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, "hunter2hunter2", got)
	require.NotContains(t, w.text(), "hunter2")
}
