package convert_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/runbooks"
)

// everyRunbook is the source of each shipped runbook and each example.
func everyRunbook(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range runbooks.Names() {
		source, ok := runbooks.Source(name)
		require.True(t, ok)
		out[name+".yaml"] = source
	}
	for _, folder := range []string{examples, "../../../testdata/language/ok"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		require.NoError(t, err)
		for _, f := range files {
			source, err := os.ReadFile(f)
			require.NoError(t, err)
			if !strings.Contains(string(source), "kind: ") {
				out[filepath.Base(f)] = source
			}
		}
	}
	return out
}

// TestOurReaderFindsNothingInWhatWeWrite: no error and no warning.
func TestOurReaderFindsNothingInWhatWeWrite(t *testing.T) {
	s := official(t)
	for name, source := range everyRunbook(t) {
		t.Run(name, func(t *testing.T) {
			rb, ds := language.Parse(name, source)
			require.False(t, ds.HasErrors(), name)
			out, _ := convert.Export(rb, convert.Options{Modified: then})
			conforms(t, s, out)
			_, ds = cacao.Parse("playbook.json", out)
			require.Empty(t, ds.Sorted())
		})
	}
}
