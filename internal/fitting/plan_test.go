package fitting_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check/checktest"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/event"
)

// held holds a runbook with these steps against an environment, with the input
// way set unless it is "".
func held(t *testing.T, way, steps string) (told []string, certain int, unchecked []string) {
	t.Helper()
	rb, ds := language.Parse("p.yaml", []byte("irctl: v1\nname: p\ninputs: {way: {type: string, default: x}}\nsteps:\n"+steps))
	require.False(t, ds.HasErrors(), "%v", ds)
	p, ds := compile.Runbook(rb, checktest.Deps())
	require.False(t, ds.HasErrors(), "%v", ds)
	env, ds := environment.Parse("env.yaml", []byte("irctl: v1\nkind: environment\nname: acme\npeople: {dana: {roles: [lead], user: dana}}\nsecrets: {PASSWORD: {file: nowhere}}\n"+
		"targets: {sealed: {type: ldap, config: {url: u, password: {secret: PASSWORD}}}, directory: {type: ldap}}\n"))
	require.False(t, ds.HasErrors(), "%v", ds)
	started := event.RunStarted{}
	if way != "" {
		started.Inputs = event.Values{"way": way}
	}
	got := fitting.Plan(p, started, fitting.World{Environment: env, Action: stand})
	for _, m := range got.Met {
		told = append(told, m.String())
	}
	return told, len(got.Certain()), got.Unchecked
}

// TestARunIsRefusedForWhatIsCertainAlone: what the environment lacks for a step
// that is reached; what this machine or the people lack only if nothing else
// takes over. A branch that is not taken needs nothing.
func TestARunIsRefusedForWhatIsCertainAlone(t *testing.T) {
	const (
		noTarget  = "the environment `acme` has no target `portal` (step a)"
		noProgram = "there is no program gone on this machine (step a)"
		noSecret  = "the secret PASSWORD cannot be read"
	)
	for name, c := range map[string]struct {
		steps   string
		told    []string
		certain bool
	}{
		"reached":             {"  - {id: a, uses: website.suspend, target: portal, with: {message: m}}\n", []string{noTarget}, true},
		"with a fallback":     {"  - {id: a, uses: website.suspend, target: portal, with: {message: m}, fallback: Call.}\n", []string{noTarget}, true},
		"lacks a field":       {"  - {id: a, uses: account.disable, target: directory, with: {account: a}}\n", []string{"the target directory does not suit account.disable: url is missing (step a)"}, true},
		"not taken":           {"  - {id: a, when: inputs.way == 'y', uses: website.suspend, target: portal, with: {message: m}}\n", nil, false},
		"taken":               {"  - {id: a, when: inputs.way == 'x', uses: website.suspend, target: portal, with: {message: m}}\n", []string{noTarget}, true},
		"program":             {"  - {id: a, uses: exec, with: {argv: [gone]}}\n", []string{noProgram}, true},
		"program by an input": {"  - {id: a, uses: exec, with: {argv: [gone, \"${{ inputs.way }}\"]}}\n", []string{noProgram}, true},
		"program, not needed": {"  - {id: a, uses: exec, on_failure: continue, with: {argv: [gone]}}\n", []string{noProgram}, false},
		"program of an undo":  {"  - {id: a, uses: exec, with: {argv: [ok]}, undo: {uses: exec, with: {argv: [ok]}}}\n", nil, false},
		"role":                {"  - {id: a, approve: {text: Yes, roles: [chief]}}\n", []string{"nobody is chief, whose approval is asked for (step a)"}, true},
		"one of two roles":    {"  - {id: a, approve: {text: Yes, roles: [chief, lead]}}\n", []string{"nobody is chief, whose approval is asked for (step a)"}, false},
		"value":               {"  - {id: a, manual: \"Call ${{ env.line }}\"}\n", []string{"the environment `acme` has no value `line` (step a)"}, true},
	} {
		told, certain, _ := held(t, "x", c.steps)
		require.Equal(t, c.told, told, name)
		require.Equal(t, c.certain, certain > 0, name)
	}
	told, certain, _ := held(t, "", "  - {id: a, when: inputs.way == 'y', uses: website.suspend, target: portal, with: {message: m}}\n")
	require.Equal(t, []string{noTarget}, told)
	require.Zero(t, certain, "without inputs nobody knows whether it is reached")

	told, certain, _ = held(t, "x", "  - {id: a, uses: account.disable, target: sealed, with: {account: a}}\n")
	require.Len(t, told, 1)
	require.Contains(t, told[0], noSecret)
	require.Equal(t, 1, certain)
}

// TestWhatAnEarlierStepMayMakeIsNotKnown: a program may be installed first.
func TestWhatAnEarlierStepMayMakeIsNotKnown(t *testing.T) {
	told, _, unchecked := held(t, "x", "  - {id: install, uses: exec, with: {argv: [make-it]}}\n  - {id: a, uses: exec, with: {argv: [gone]}}\n")
	require.Empty(t, told)
	require.Equal(t, []string{"there is no program gone on this machine now, and an earlier step may change that (step a)"}, unchecked)

	told, _, _ = held(t, "x", "  - {id: look, uses: exec, with: {argv: [look], effect: read}}\n  - {id: a, uses: exec, with: {argv: [gone]}}\n")
	require.Len(t, told, 1)
}
