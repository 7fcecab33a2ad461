package cacao_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata/cacao")

const data = "../../testdata/cacao"

func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

func parse(t *testing.T, path string) (*cacao.Playbook, string, runbook.Diagnostics) {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	pb, found := cacao.Parse(filepath.Base(path), src)
	return pb, rendered(t, filepath.Base(path), src, found), found
}

func rendered(t *testing.T, name string, src []byte, found runbook.Diagnostics) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, runbook.Render(&b, found, map[string][]byte{name: src}))
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

func TestGoodPlaybooksHaveNoFindings(t *testing.T) {
	for _, path := range files(t, "ok/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			pb, out, _ := parse(t, path)
			require.Empty(t, out)
			require.NotEmpty(t, pb.Steps)
		})
	}
}

func TestFindings(t *testing.T) {
	for _, path := range files(t, "err/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, out, found := parse(t, path)
			require.NotEmpty(t, found)
			golden(t, strings.TrimSuffix(path, ".json")+".out", out)
		})
	}
}
