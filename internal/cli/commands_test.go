package cli

import (
	"context"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/command"
)

// taken parses a command's flags and returns what its run function is given.
func taken[O any](t *testing.T, command func(run func(O) error) *cobra.Command, args ...string) O {
	t.Helper()
	var got O
	require.NoError(t, parse(t, command(func(o O) error { got = o; return nil }), args...))
	return got
}

// TestFlagsBecomeOptions: what is typed reaches the function that does the work,
// and nothing else is needed to try it.
func TestFlagsBecomeOptions(t *testing.T) {
	a, _ := stage(t)
	withContext := func(run func(validateOptions) error) *cobra.Command {
		return newValidateCmd(a, func(_ context.Context, o validateOptions) error { return run(o) })
	}
	require.Equal(t, validateOptions{paths: []string{"a", "b"}, stdin: "x.yaml", format: "sarif", strict: true, rule: []string{"IR01", "IR02"}},
		taken(t, withContext, "a", "b", "--stdin-name", "x.yaml", "--format", "sarif", "--strict", "--rule", "IR01,IR02"))
	require.Equal(t, fmtOptions{paths: []string{"."}, check: true},
		taken(t, func(run func(fmtOptions) error) *cobra.Command { return newFmtCmd(run) }, "--check"))
	require.Equal(t, schemaOptions{kind: "policy", write: true},
		taken(t, func(run func(schemaOptions) error) *cobra.Command { return newSchemaCmd(run) }, "policy", "-w"))
	require.Equal(t, showOptions{runbook: "containment", source: true},
		taken(t, func(run func(showOptions) error) *cobra.Command { return newRunbookShowCmd(a, run) }, "containment", "--source"))
	require.Equal(t, graphOptions{runbook: "containment", format: "dot"},
		taken(t, func(run func(graphOptions) error) *cobra.Command { return newRunbookGraphCmd(a, run) }, "containment", "--format", "dot"))
	require.Equal(t, exportOptions{runbook: "mine", cacao: true, to: "x.json", tlp: "red"},
		taken(t, func(run func(exportOptions) error) *cobra.Command { return newRunbookExportCmd(a, run) }, "mine", "--cacao", "--to", "x.json", "--tlp", "red"))
	require.Equal(t, importOptions{playbook: "x.json", to: "y.yaml"},
		taken(t, func(run func(importOptions) error) *cobra.Command { return newRunbookImportCmd(run) }, "x.json", "--to", "y.yaml"))
	require.Equal(t, newOptions{kind: "environment", name: "acme", next: []string{"irctl environment check acme", "irctl target types", "irctl help environments"}},
		taken(t, func(run func(newOptions) error) *cobra.Command { return newEnvironmentNewCmd(a, run) }, "acme"))
	plainly := func(run func([]string) error) command.Work {
		return func(_ context.Context, args []string) error { return run(args) }
	}
	require.Equal(t, []string{"ldap"}, taken(t, func(run func([]string) error) *cobra.Command { return newTargetTypesCmd(a, plainly(run)) }, "ldap"))
	require.Equal(t, []string{"exec"}, taken(t, func(run func([]string) error) *cobra.Command { return newActionShowCmd(a, plainly(run)) }, "exec"))
	var got probeOptions
	cmd := newLabProbeCmd(func(_ context.Context, o probeOptions) error { got = o; return nil })
	require.NoError(t, parse(t, cmd, "login", "alice", "--password", "x"))
	require.Equal(t, probeOptions{"login", "alice", "x"}, got)
}
