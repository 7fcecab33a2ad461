package language_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTablesAgree: whatever a table says of a key, the parser does.
func TestParserAndTablesAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("runbook", keystest.Place{Table: language.RunbookTable(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	for _, kind := range language.Kinds() {
		places.Find("step:"+string(kind), keystest.Place{Table: language.StepTable(kind), Wrap: func(lines []string) string {
			return head + "  - " + strings.Join(lines, "\n    ") + "\n"
		}})
	}
	require.Contains(t, places, "step:uses/retry")
	require.Contains(t, places, "step:manual/evidence")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := language.Parse("x.yaml", src)
		return ds
	}, map[string]keystest.Beside{
		"items":  {Add: []string{"type: list"}, Drop: []string{"type"}},
		"values": {Add: []string{"type: enum"}},
		"min":    {Add: []string{"type: int"}},
		"max":    {Add: []string{"type: int"}},
		"every":  {Add: []string{"until: ${{ 1 < 2 }}"}, Drop: []string{"until"}},
	})
}

func TestEveryStepKeyKnowsItsKinds(t *testing.T) {
	require.Equal(t, []runbook.Kind{runbook.KindUses}, language.KindsWith("retry"))
	require.Equal(t, language.Kinds(), language.KindsWith("when"))
	for _, key := range language.StepKeys() {
		require.NotEmpty(t, language.KindsWith(key), key)
	}
}
