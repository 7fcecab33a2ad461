package language_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata/language")

const folder = "../../testdata/language"

func TestLanguageOK(t *testing.T) {
	for _, path := range files(t, "ok") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			rb, ds := language.Parse(filepath.Base(path), src)
			require.Empty(t, rendered(t, path, src, ds))
			require.NotEmpty(t, rb.Steps)
		})
	}
}

func TestLanguageErrors(t *testing.T) {
	for _, path := range files(t, "err") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			_, ds := language.Parse(filepath.Base(path), src)
			require.True(t, ds.HasErrors())
			golden(t, strings.TrimSuffix(path, ".yaml")+".out", rendered(t, path, src, ds))
		})
	}
}

// TestEveryCodeIsShown: each code is explained, and shown by a golden file.
func TestEveryCodeIsShown(t *testing.T) {
	var all strings.Builder
	for _, path := range files(t, "err") {
		out, err := os.ReadFile(strings.TrimSuffix(path, ".yaml") + ".out")
		require.NoError(t, err)
		all.Write(out)
	}
	for _, c := range finding.Codes(language.Codes()) {
		require.NotEmpty(t, c.Explanation, c.ID)
		if c.ID != "IR0101" { // a megabyte is not kept as a file
			require.Contains(t, all.String(), "["+c.ID+"]")
		}
	}
}

func files(t *testing.T, kind string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, kind, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

func rendered(t *testing.T, path string, src []byte, ds runbook.Diagnostics) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, ds.Render(&b, map[string][]byte{filepath.Base(path): src}))
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	require.Equal(t, string(want), got)
}
