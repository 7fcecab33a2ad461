package convert_test

import (
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

var then = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func parsed(t *testing.T, file string, source []byte) *runbook.Runbook {
	t.Helper()
	rb, ds := language.Parse(file, source)
	require.Empty(t, ds)
	return rb
}

func TestEveryShippedRunbookConformsToTheStandard(t *testing.T) {
	s := official(t)
	files, err := fs.Glob(runbooks.FS, "*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(f, func(t *testing.T) {
			source, err := fs.ReadFile(runbooks.FS, f)
			require.NoError(t, err)
			rb := parsed(t, f, source)
			out, _ := convert.Export(rb, convert.Options{Modified: then})
			conforms(t, s, out)
			again, _ := convert.Export(rb, convert.Options{Modified: then})
			require.Equal(t, string(out), string(again))
		})
	}
}
