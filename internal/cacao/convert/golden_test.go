package convert_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
)

var update = flag.Bool("update", false, "write the expected files of testdata/cacao/convert anew")

const examples = "../../../testdata/cacao/convert"

// TestExport: each runbook beside the playbook that it becomes, and what a
// tool that does not know irctl will not see.
func TestExport(t *testing.T) {
	s := official(t)
	paths, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			rb := parsed(t, name+".yaml", source)
			out, notes := convert.Export(rb, convert.Options{Created: then.AddDate(0, -1, 0), Modified: then, Level: "AMBER", Summary: summary})
			conforms(t, s, out)
			golden(t, filepath.Join(examples, name+".json"), string(out))
			var b strings.Builder
			for _, n := range notes {
				b.WriteString(n.String() + "\n")
			}
			golden(t, filepath.Join(examples, name+".out"), b.String())
		})
	}
}

// TestImport: each playbook beside the runbook that it becomes, with what the
// runbook does not say.
func TestImport(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "import", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			pb := read(t, source)
			got := convert.Import(pb, convert.Rules{Name: name, Bindings: bindings(t, path)})
			golden(t, strings.TrimSuffix(path, ".json")+".yaml", string(got.Source))
			rb := parsed(t, name+".yaml", got.Source)
			for _, r := range got.Remarks {
				require.Contains(t, flat(string(got.Source)), flat(r.Text), "every remark stands in the file")
			}
			require.True(t, convert.Unchanged(pb, got.Source))
			require.True(t, convert.Unchanged(pb, []byte(string(got.Source)+"# a comment\n")))
			require.False(t, convert.Unchanged(pb, []byte(string(got.Source)+"owner: somebody@example.com\n")))
			again, _ := convert.Export(rb, convert.Options{Modified: then, Keep: pb})
			conforms(t, official(t), again)
			_, ds := cacao.Parse("again.json", again)
			require.Empty(t, ds, "%s", again)
		})
	}
}

// bindings reads the binding file beside a playbook, if there is one.
func bindings(t *testing.T, path string) *cacao.Bindings {
	t.Helper()
	file := strings.TrimSuffix(path, ".json") + ".bindings"
	source, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	b, ds := cacao.ParseBindings(file, source)
	require.Empty(t, ds)
	return b
}

// flat is a text without the line ends and marks of comments.
func flat(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "#", " ")), " ")
}

func summary(action string) string {
	return map[string]string{"email.suspend": "Defer all mail"}[action]
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
