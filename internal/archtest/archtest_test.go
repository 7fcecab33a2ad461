package archtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/archtest"
)

var update = flag.Bool("update", false, "write the expected findings of the trees in testdata anew")

// TestIrctl is the rule itself: this repository has no findings.
func TestIrctl(t *testing.T) {
	tree, err := archtest.Read(os.DirFS(filepath.Join("..", "..")))
	require.NoError(t, err)
	for _, f := range append(tree.Check(), tree.CheckRooms()...) {
		t.Error(f)
	}
}

// TestRoomsWithoutAPackageAreFound looks at a tree of one package.
func TestRoomsWithoutAPackageAreFound(t *testing.T) {
	tree, err := archtest.Read(fstest.MapFS{"pkg/event/event.go": {Data: []byte("// Package event is here.\npackage event\n")}})
	require.NoError(t, err)
	var empty []string
	for _, f := range tree.CheckRooms() {
		empty = append(empty, f.What)
	}
	require.NotContains(t, empty, "the room pkg/event holds no package")
	require.Contains(t, empty, "the room pkg/journal holds no package")
}

// TestRules shows for each rule a small tree that breaks it, and one that
// keeps them all.
func TestRules(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			var want string
			inputs := &txtar.Archive{}
			for _, f := range archive.Files {
				if f.Name == "findings" {
					want = string(f.Data)
					continue
				}
				inputs.Files = append(inputs.Files, f)
			}
			dir := t.TempDir()
			require.NoError(t, txtar.Write(inputs, dir))
			tree, err := archtest.Read(os.DirFS(dir))
			require.NoError(t, err)
			var got strings.Builder
			for _, f := range tree.Check() {
				got.WriteString(f.String() + "\n")
			}
			if *update {
				inputs.Comment = archive.Comment
				inputs.Files = append(inputs.Files, txtar.File{Name: "findings", Data: []byte(got.String())})
				require.NoError(t, os.WriteFile(name, txtar.Format(inputs), 0o644))
				return
			}
			require.Equal(t, want, got.String())
		})
	}
}
