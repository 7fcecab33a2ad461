package projection

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// TestAYesIsNotSaidToLetBeginWhatAsksAgain: who approves reads what begins then,
// and not what another yes is asked for first.
func TestAYesIsNotSaidToLetBeginWhatAsksAgain(t *testing.T) {
	do := func(path string) Step {
		return Step{Path: path, Kind: plan.Action, Action: "exec", Status: event.Pending}
	}
	ask := func(path string) Step { return Step{Path: path, Kind: plan.Approve, Gate: true, Status: event.Pending} }
	own := do("own")
	own.Gate = true
	both := Step{Path: "both", Kind: plan.Parallel, Block: true, Inside: 5, Status: event.Pending}
	left, inner := Step{Path: "left", Kind: plan.Group, Block: true, Inside: 2, Status: event.Pending}, ask("inner")
	for name, c := range map[string]struct {
		steps []Step
		want  []string
	}{
		"none":              {[]Step{ask("first"), do("a"), do("b")}, []string{"exec (a)", "exec (b)"}},
		"a second":          {[]Step{ask("first"), do("a"), ask("second"), do("b")}, []string{"exec (a)"}},
		"of its own":        {[]Step{ask("first"), do("a"), own, do("b")}, []string{"exec (a)"}},
		"in one branch":     {[]Step{ask("first"), both, left, inner, do("a"), do("right"), do("under"), do("b")}, []string{"exec (right)", "exec (under)"}},
		"that was answered": {[]Step{{Path: "earlier", Kind: plan.Approve, Gate: true, Status: event.Succeeded}, ask("first"), do("a")}, []string{"exec (a)"}},
	} {
		w := Waiting{Path: "first", For: ForApproval}
		w.about(c.steps)
		require.Equal(t, c.want, w.Then, name)
	}
}
