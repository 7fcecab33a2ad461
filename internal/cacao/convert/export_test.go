package convert_test

import (
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
	require.NotEmpty(t, runbooks.Names())
	for _, name := range runbooks.Names() {
		t.Run(name, func(t *testing.T) {
			source, ok := runbooks.Source(name)
			require.True(t, ok)
			rb := parsed(t, name+".yaml", source)
			out, _ := convert.Export(rb, convert.Options{Modified: then})
			conforms(t, s, out)
			again, _ := convert.Export(rb, convert.Options{Modified: then})
			require.Equal(t, string(out), string(again))
		})
	}
}
