package runbook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/pkg/runbook/keystest"
)

// TestParserAndTablesAgree: whatever a table says of a key, the parser does.
func TestParserAndTablesAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("runbook", keystest.Place{Table: runbook.RunbookTable(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	for _, kind := range runbook.Kinds() {
		places.Find("step:"+string(kind), keystest.Place{Table: runbook.StepTable(kind), Wrap: func(lines []string) string {
			return head + "  - " + strings.Join(lines, "\n    ") + "\n"
		}})
	}
	require.Contains(t, places, "step:uses/retry")
	require.Contains(t, places, "step:manual/evidence")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := runbook.Parse("x.yaml", src)
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
	require.Equal(t, []runbook.Kind{runbook.KindUses}, runbook.KindsWith("retry"))
	require.Equal(t, runbook.Kinds(), runbook.KindsWith("when"))
	for _, key := range runbook.StepKeys() {
		require.NotEmpty(t, runbook.KindsWith(key), key)
	}
}
