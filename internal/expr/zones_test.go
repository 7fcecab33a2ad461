package expr_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTimeZonesAreInTheProgram: a machine may have none of its own, as a bare
// container has none.
func TestTimeZonesAreInTheProgram(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(files, func(name string) bool {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range f.Imports {
			if i.Path.Value == `"time/tzdata"` {
				return true
			}
		}
		return false
	}), "nothing imports time/tzdata")
}
