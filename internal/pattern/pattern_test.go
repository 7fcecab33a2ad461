package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/pattern"
)

func TestAPatternIsCompiledOnceAndOnlyWhenAsked(t *testing.T) {
	broken := pattern.Late(`(`)
	require.Panics(t, func() { broken() })

	digits := pattern.Late(`^[0-9]+$`)
	require.True(t, digits().MatchString("42"))
	require.Same(t, digits(), digits())
}

// A malformed pattern used to end every test of its package at once; here it
// is found although nothing asks it.
func TestEveryPatternOfTheProgramCompiles(t *testing.T) {
	seen := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			called, ok := call.Fun.(*ast.SelectorExpr)
			text, literal := call.Args[0].(*ast.BasicLit)
			if ok && literal && called.Sel.Name == "Late" {
				expr, err := strconv.Unquote(text.Value)
				require.NoError(t, err, path)
				_, err = regexp.Compile(expr)
				require.NoError(t, err, path)
				seen++
			}
			return true
		})
		return nil
	}))
	require.Greater(t, seen, 50)
}
