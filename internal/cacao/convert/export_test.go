package convert_test

import (
	"os"
	"strings"
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

// TestADictionaryKeepsWhatItHolds: whether the playbook writes it as an object
// or as the text of one.
func TestADictionaryKeepsWhatItHolds(t *testing.T) {
	source, err := os.ReadFile("../../../testdata/cacao/ok/small.json")
	require.NoError(t, err)
	for _, value := range []string{`{"a": "b", "n": [1, true]}`, `"{\"a\": \"b\", \"n\": [1, true]}"`} {
		for _, external := range []string{"true", "false"} {
			with := `"playbook_variables": {"__map__": {"type": "dictionary", "value": ` + value + `, "external": ` + external + `}}, "workflow_start"`
			got := convert.Import(read(t, []byte(strings.Replace(string(source), `"workflow_start"`, with, 1))), convert.Rules{})
			rb := parsed(t, "imported.yaml", got.Source)
			held := rb.Steps[0].Set
			if external == "true" {
				require.Len(t, rb.Inputs, 1)
				held = []runbook.Pair{{Value: rb.Inputs[0].Default}}
			}
			require.Equal(t, map[string]any{"a": "b", "n": []any{int64(1), true}}, held[0].Value.Data(), "%s", got.Source)
		}
	}
}
