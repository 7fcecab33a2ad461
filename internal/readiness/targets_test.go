package readiness

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// door is an action whose targets need programs, and which has problems of its
// own.
type door struct {
	name     string
	problems []error
	asked    *int
}

func (d door) Spec() action.Spec {
	return action.Spec{Name: d.name, Targets: []action.TargetType{{Name: "door", Tools: []string{"sh", "irctl-no-such-tool"}}, {Name: "gate"}}}
}

func (door) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{}, nil
}

func (d door) Preflight(context.Context, action.Request) []error {
	*d.asked++
	return d.problems
}

// TestTheDoctorNamesEverythingAtOnce: each system that is down, each right and
// each tool that is missing, every problem once, and what to do by hand until
// then.
func TestTheDoctorNamesEverythingAtOnce(t *testing.T) {
	asked := 0
	down := &action.Error{Message: "the gate cannot be reached", Hint: "check the network"}
	right := &action.Error{Message: "irctl may not open the gate", Hint: "give irctl the right"}
	actions := registry.New(door{"door.lock", []error{down}, &asked}, door{"door.open", []error{down, right}, &asked})
	env, ds := environment.Parse("acme.yaml", []byte(`irctl: v1
kind: environment
name: acme
targets:
  front: {type: door, fallback: Call the porter.}
  yard: {type: gate}
  back: {type: door}
`))
	require.Empty(t, ds)
	tool := []string{"the program irctl-no-such-tool is not on this machine"}
	install := "install irctl-no-such-tool on this machine, or have the one who acts find it in PATH"
	require.Equal(t, []Check{
		{Name: "front", Found: "door, not ready", Problems: tool, Do: []string{install, "until then, by hand: Call the porter."}},
		{Name: "yard", Found: "gate, not ready", Problems: []string{down.Message, right.Message}, Do: []string{down.Hint, right.Hint}},
		{Name: "back", Found: "door, not ready", Problems: tool, Do: []string{install}},
	}, Targets(t.Context(), actions, env, env.Targets))
	require.Equal(t, 2, asked, "an action is not asked about a target that lacks its tools")
}

// TestNothingIsCalledReachableThatWasNotConnectedTo: what could not be found out
// is said, and is no problem.
func TestNothingIsCalledReachableThatWasNotConnectedTo(t *testing.T) {
	asked := 0
	unknown := &action.Error{Message: "whether it takes messages", Unchecked: true}
	env, ds := environment.Parse("acme.yaml", []byte("irctl: v1\nkind: environment\nname: acme\ntargets: {yard: {type: gate}}\n"))
	require.Empty(t, ds)
	one := registry.New(door{"door.lock", []error{unknown}, &asked})
	require.Equal(t, []Check{{Name: "yard", Found: "gate, not checked: it cannot be asked beforehand", Unchecked: []string{unknown.Message}}},
		Targets(t.Context(), one, env, env.Targets))
	half := registry.New(door{"door.lock", nil, &asked}, mute{})
	require.Equal(t, []Check{{Name: "yard", Found: "gate, reachable and permitted", Unchecked: []string{"what door.paint needs there, which cannot be asked beforehand"}}},
		Targets(t.Context(), half, env, env.Targets))
	two := registry.New(door{"door.lock", []error{unknown}, &asked}, door{"door.open", nil, &asked})
	require.Equal(t, []Check{{Name: "yard", Found: "gate, reachable and permitted", Unchecked: []string{unknown.Message}}},
		Targets(t.Context(), two, env, env.Targets))
}

// mute is an action that cannot be asked beforehand.
type mute struct{}

func (mute) Spec() action.Spec {
	return action.Spec{Name: "door.paint", Targets: []action.TargetType{{Name: "gate"}}}
}

func (mute) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{}, nil
}
