//go:build unix

package real

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// trial is what a target type has to show against its real system, whatever
// the system is: a plan changes nothing, a run has the effect, a second run
// says that it is so already, undoing puts back what was there, and a process
// that is killed at any moment of it loses nothing.
//
// The system runs already and is as its people left it, which should not be
// how it comes out of the box: only then is it seen that undoing restores the
// state before, and not a default.
type trial struct {
	// office makes a folder with an environment whose target system leads to
	// the system, and the runbook at the path that it returns.
	office func(t *testing.T) (o *office, runbook string)
	// args are more arguments of plan and run: inputs, mostly.
	args []string
	// state is all that undoing has to put back, as the system's own clients
	// and files show it. Values are compared whole.
	state func(t *testing.T) any
	// exactly is state with the marks that any change leaves, such as times: it
	// shows that nothing was touched at all. nil is state.
	exactly func(t *testing.T) any
	// changed and unchanged look from the outside, as the people concerned do,
	// whether the effect is there.
	changed, unchanged func(t *testing.T)
	// now and already are what people read: how a plan describes the state
	// before, and what the second run says.
	now, already string
	// afterKill, if not nil, is told where the process died, before resume.
	afterKill func(t *testing.T, at string)
}

// run has the target type show all of it.
func (x trial) run(t *testing.T) {
	if x.exactly == nil {
		x.exactly = x.state
	}
	t.Run("there and back", x.thereAndBack)
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run("killed "+at, func(t *testing.T) { x.killed(t, at) })
	}
}

func (x trial) command(verb, runbook string) []string {
	return append([]string{verb, runbook}, x.args...)
}

func (x trial) thereAndBack(t *testing.T) {
	o, runbook := x.office(t)
	x.unchanged(t)
	before, untouched := x.state(t), x.exactly(t)

	require.Contains(t, o.must(x.command("plan", runbook)...).stdout, x.now)
	require.Equal(t, untouched, x.exactly(t), "a plan changes nothing")

	o.must(x.command("run", runbook)...)
	first := o.status().Run
	x.changed(t)
	after := x.exactly(t)

	require.Contains(t, o.must(x.command("run", runbook)...).text(), x.already)
	require.Equal(t, after, x.exactly(t), "the second run changes nothing")
	second := o.status().Run
	o.cannotUndo(second)
	x.changed(t)

	// Who found it so relies on it, if it is a state that several can rely on.
	relied := strings.Contains(strings.Join(strings.Fields(o.must("rollback", first).text()), " "), "relies on it, since")
	require.Equal(t, shared(t, runbook), relied)
	if relied {
		x.changed(t)
		require.Equal(t, after, x.exactly(t), "what another run relies on stays as it is")
		o.must("rollback", second)
	}
	x.unchanged(t)
	require.Equal(t, before, x.state(t), "what was there is back")
	o.must("audit", "verify", first)
}

// shared reports whether several can rely on the state that a runbook's one action
// brings about.
func shared(t *testing.T, runbook string) bool {
	t.Helper()
	text, err := os.ReadFile(runbook)
	require.NoError(t, err)
	_, name, _ := strings.Cut(string(text), "    uses: ")
	name, _, _ = strings.Cut(name, "\n")
	a, ok := registry.Builtin().Lookup(name)
	require.True(t, ok, name)
	return slices.Contains(a.Spec().Traits, action.Shared)
}

// killed has the process die at a moment of the action, then of undoing it.
func (x trial) killed(t *testing.T, at string) {
	o, runbook := x.office(t)
	before, untouched := x.state(t), x.exactly(t)
	o.killed(at, x.command("run", runbook)...)
	if x.afterKill != nil {
		x.afterKill(t, at)
	}
	if at == afterEffect {
		x.changed(t)
		untouched = x.exactly(t)
	} else {
		require.Equal(t, untouched, x.exactly(t), "nothing is changed before the record is durable")
	}

	o.must("resume", o.status().Run)
	require.Equal(t, "succeeded", o.status().Status)
	x.changed(t)
	if at == afterEffect {
		require.Equal(t, untouched, x.exactly(t), "resume only looks")
	}

	o.killed(afterUndo, "rollback", o.status().Run)
	e := o.irctl("resume", o.status().Run)
	require.Equal(t, 8, e.code, e.text())
	require.Equal(t, "undone", o.status().Status)
	x.unchanged(t)
	require.Equal(t, before, x.state(t), "what was there is back")
}

// cannotUndo rolls back a run that changed nothing.
func (o *office) cannotUndo(run string) {
	o.t.Helper()
	e := o.irctl("rollback", run)
	require.Equal(o.t, 1, e.code, e.text())
	require.Regexp(o.t, "there is nothing to undo|nothing of its own to undo", e.stderr)
}
