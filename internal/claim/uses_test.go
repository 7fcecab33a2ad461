package claim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// TestALoopClaimsWhatALaterItemWillChange: that one item was skipped says nothing
// of the next ones.
func TestALoopClaimsWhatALaterItemWillChange(t *testing.T) {
	shut := plantest.Do("shut").With(func(s *plantest.Step) { s.Action.Target = "portal" })
	s := engine.New(plantest.Build(plantest.Node(plan.ForEach, "each", []plantest.Step{shut, plantest.Node(plan.Manual, "call")})))
	spec := func(name string) (action.Spec, bool) {
		return action.Spec{Name: name, Traits: []action.Trait{action.Shared}}, true
	}
	for _, e := range []event.Event{
		{Body: event.RunStarted{Run: "01TEST", Inputs: event.Values{}}},
		{Path: "each", Body: event.StepStarted{Items: []any{"a", "b"}, Keys: []string{"a", "b"}}},
		{Path: "each[a]/shut", Body: event.StepSkipped{}},
	} {
		var err error
		e.Time = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
		s, err = engine.Apply(s, e)
		require.NoError(t, err)
	}
	uses := claim.Uses(s, spec)
	require.Len(t, uses, 1)
	require.Equal(t, claim.Will, uses[0].How)
}
