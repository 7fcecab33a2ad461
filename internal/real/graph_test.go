//go:build unix

package real

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// TestGraphvizReadsTheGraph hands graphs to Graphviz itself: of a shipped
// runbook, and of one whose words try to be more than words.
func TestGraphvizReadsTheGraph(t *testing.T) {
	dot := realtest.Need(t, "dot")
	o := newOffice(t, "    type: case-folder\n    config: {folder: cases}\n")
	hostile := o.write("hostile.yaml", `irctl: v1
name: hostile
title: 'The "end"]; } digraph evil { a -> b; \'
owner: security@example.com
steps:
  - id: first
    title: '"]; evil -> worse; \"'
    manual: One.
    on_failure: {next: last}
  - id: second
    title: '\N\"\\" <b>bold</b>'
    foreach: ['a"b']
    as: x
    do: [{id: inner, title: "line\none", manual: Two.}]
  - {id: last, manual: Three.}
`)
	for _, runbook := range []string{"containment", "identity-protection", hostile} {
		var graph struct{ Nodes []struct{ ID string } }
		require.NoError(t, json.Unmarshal([]byte(o.must("runbook", "graph", runbook, "-o", "json").stdout), &graph))
		cmd := exec.CommandContext(t.Context(), dot, "-Tplain")
		cmd.Stdin = strings.NewReader(o.must("runbook", "graph", runbook, "--format", "dot").stdout)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.NotContains(t, string(out), "Warning")
		require.NotContains(t, string(out), "node evil")
		// One for each step, and one for the end.
		require.Equal(t, len(graph.Nodes)+1, strings.Count("\n"+string(out), "\nnode "), string(out))
	}
}
