package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/runbooks"
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
	shipped := shippedConnectors(t)
	all, err := connector.Into(registry.Builtin(), shipped)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, f := range shipped {
		names[f.Name.Value] = true
	}
	want := systemsTable(all.Specs(), names)
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, "README.md"), []byte(before+systemsBegin+want+systemsEnd+after), 0o644))
		return
	}
	require.Equal(t, want, table)
}

func shippedConnectors(t *testing.T) (files []*connector.File) {
	for _, name := range runbooks.Connectors() {
		source, err := runbooks.Connector(name + ".yaml")
		require.NoError(t, err)
		f, found := connector.Parse(name+".yaml", source)
		require.Empty(t, found)
		files = append(files, f)
	}
	return files
}

// systemsTable has a row for all actions that act on the same types of target,
// but for those that stand for another standard's commands. Types that are
// connectors have a column of their own.
func systemsTable(specs []action.Spec, connectors map[string]bool) string {
	var order []string
	actions := map[string][]string{}
	for _, s := range specs {
		if len(s.Targets) == 0 || strings.HasPrefix(s.Name, "cacao.") {
			continue
		}
		var types, connected []string
		for _, t := range s.Targets {
			if connectors[t.Name] {
				connected = append(connected, "`"+t.Name+"`")
			} else {
				types = append(types, "`"+t.Name+"`")
			}
		}
		slices.Sort(types)
		slices.Sort(connected)
		row := strings.Join(types, ", ") + " | " + strings.Join(connected, ", ")
		if actions[row] == nil {
			order = append(order, row)
		}
		actions[row] = append(actions[row], "`"+s.Name+"`")
	}
	out := "| actions | types of target | connectors |\n| --- | --- | --- |\n"
	for _, row := range order {
		out += "| " + strings.Join(actions[row], ", ") + " | " + row + " |\n"
	}
	return out
}
