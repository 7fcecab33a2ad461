package local_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

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
