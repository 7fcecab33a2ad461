package kind_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// plain is a kind with no further abilities.
type plain struct{ name string }

func (p plain) Target() action.TargetType { return action.TargetType{Name: p.name} }
func (p plain) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{Summary: p.name}, nil
}

// able is one with Undo and Inspect.
type able struct{ plain }

func (a able) Target() action.TargetType { return action.TargetType{Name: a.name, Undo: true} }
func (able) Undo(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{Summary: "undone"}, nil
}
func (able) Inspect(context.Context, action.Request) (action.Inspection, error) {
	return action.Inspection{Known: true}, nil
}

func on(targetType string) action.Request {
	return action.Request{Target: action.Target{Name: "t", Type: targetType}}
}

func TestACallGoesToTheKindOfItsTarget(t *testing.T) {
	a := kind.New(action.Spec{Name: "door.lock", Counterpart: "door.unlock"}, plain{"bolt"}, able{plain{"keypad"}})
	require.Equal(t, []action.TargetType{{Name: "bolt"}, {Name: "keypad", Undo: true}}, a.Spec().Targets)
	for _, name := range []string{"bolt", "keypad"} {
		r, err := a.Run(t.Context(), on(name), &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, name, r.Summary)
	}
	_, err := a.Run(t.Context(), on("window"), &actiontest.Sink{})
	require.Equal(t, &action.Error{
		Message: `door.lock cannot act on a target of type "window"`, Hint: "name a target of one of these types: bolt, keypad", Permanent: true,
	}, err)
}

func TestAbilitiesAreThoseOfTheKind(t *testing.T) {
	a := kind.New(action.Spec{Name: "door.lock", Counterpart: "door.unlock"}, plain{"bolt"}, able{plain{"keypad"}})
	i := a.(action.Inspector)
	seen, err := i.Inspect(t.Context(), on("keypad"))
	require.NoError(t, err)
	require.True(t, seen.Known)
	seen, err = i.Inspect(t.Context(), on("bolt"))
	require.NoError(t, err)
	require.False(t, seen.Known)
	u := a.(action.Undoer)
	r, err := u.Undo(t.Context(), on("keypad"), &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, "undone", r.Summary)
	_, err = u.Undo(t.Context(), on("bolt"), &actiontest.Sink{})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "use door.unlock, or undo it by hand", e.Hint)

	_, undoes := kind.New(action.Spec{Name: "door.lock"}, plain{"bolt"}).(action.Undoer)
	require.False(t, undoes)
}
