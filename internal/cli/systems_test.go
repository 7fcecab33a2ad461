package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

const (
	systemsBegin = "<!-- systems: written by make golden from what irctl knows of its actions -->\n"
	systemsEnd   = "<!-- /systems -->\n"
)

// TestReadmeTableOfSystemsIsTheProgramsOwn holds the README's table against
// the descriptions that validate environments.
func TestReadmeTableOfSystemsIsTheProgramsOwn(t *testing.T) {
	before, rest, ok := strings.Cut(readme(t), systemsBegin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, systemsEnd)
	require.True(t, ok)
	want := systemsTable(registry.Builtin().Specs())
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, "README.md"), []byte(before+systemsBegin+want+systemsEnd+after), 0o644))
		return
	}
	require.Equal(t, want, table)
}

// systemsTable has a row for all actions that act on the same types of target,
// but for those that stand for another standard's commands.
func systemsTable(specs []action.Spec) string {
	var order []string
	actions := map[string][]string{}
	for _, s := range specs {
		if len(s.Targets) == 0 || strings.HasPrefix(s.Name, "cacao.") {
			continue
		}
		var types []string
		for _, t := range s.Targets {
			types = append(types, "`"+t.Name+"`")
		}
		slices.Sort(types)
		row := strings.Join(types, ", ")
		if actions[row] == nil {
			order = append(order, row)
		}
		actions[row] = append(actions[row], "`"+s.Name+"`")
	}
	out := "| actions | types of target |\n| --- | --- |\n"
	for _, row := range order {
		out += "| " + strings.Join(actions[row], ", ") + " | " + row + " |\n"
	}
	return out
}
