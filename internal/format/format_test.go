package format_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/format"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata")

func kinds() []format.Kind {
	return []format.Kind{
		{Name: "runbook", Table: language.RunbookTable()}, {Name: "environment", Table: environment.Table()},
		{Name: "test", Table: runbooktest.Table()}, {Name: "scenario", Table: scenario.Table()},
		{Name: "bindings", Table: cacao.BindingsTable()},
	}
}

func glob(t testing.TB, patterns ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.FromSlash(p))
		require.NoError(t, err)
		require.NotEmpty(t, found, p)
		for _, path := range found {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			out[path] = src
		}
	}
	return out
}

// TestShippedFilesAreFormatted: what irctl ships and writes is as fmt writes it.
func TestShippedFilesAreFormatted(t *testing.T) {
	for path, src := range glob(t, "../../runbooks/*.yaml", "../library/templates/*.tmpl") {
		out, err := format.Source(path, src, kinds())
		require.NoError(t, err)
		require.Equal(t, string(src), string(out), path)
	}
}

func TestFormat(t *testing.T) {
	for path, src := range glob(t, "testdata/*.yaml") {
		out, err := format.Source(path, src, kinds())
		require.NoError(t, err, path)
		golden := strings.TrimSuffix(path, ".yaml") + ".out"
		if *update {
			require.NoError(t, os.WriteFile(golden, out, 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err, "run the test with -update to make it")
		require.Equal(t, string(want), string(out), path)
	}
}

// TestEveryFileOfTheTestsCanBeFormatted: Source proves for each that the
// meaning stays and that a second time changes nothing; it may refuse only
// what is no file.
func TestEveryFileOfTheTestsCanBeFormatted(t *testing.T) {
	formatted := 0
	for path, src := range glob(t, "../../testdata/language/*/*.yaml", "../../testdata/language/check/*/*.yaml",
		"../../testdata/language/check/*/called/*.yaml", "../environment/testdata/*/*.yaml") {
		tree, ds := language.ParseTree(path, src)
		out, err := format.Source(path, src, kinds())
		if tree == nil || ds.HasErrors() {
			var syntax *format.SyntaxError
			require.ErrorAs(t, err, &syntax, path)
			continue
		}
		require.NoError(t, err, path)
		require.NotEmpty(t, out)
		formatted++
	}
	require.Greater(t, formatted, 40)
}

func TestLineEndsAreKept(t *testing.T) {
	out, err := format.Source("x", []byte("irctl: v1\r\nname:   x\r\nsteps:\r\n- manual: |\r\n    One.\r\n    Two.\r\n"), kinds())
	require.NoError(t, err)
	require.Equal(t, "irctl: v1\r\nname: x\r\nsteps:\r\n  - manual: |\r\n      One.\r\n      Two.\r\n", string(out))
}

func FuzzSource(f *testing.F) {
	for _, src := range glob(f, "../../testdata/language/ok/*.yaml", "testdata/*.yaml") {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := format.Source("x", src, kinds())
		if err != nil {
			var syntax *format.SyntaxError
			var refused *format.RefusedError
			require.True(t, errors.As(err, &syntax) || errors.As(err, &refused), "%T %v", err, err)
			return
		}
		again, err := format.Source("x", out, kinds())
		require.NoError(t, err)
		require.True(t, bytes.Equal(out, again))
	})
}
