package connector_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTableAgree: whatever the table says of a key, the parser does.
func TestParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("connector", keystest.Place{Table: connector.Table(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "connector/actions")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := connector.Parse("x.yaml", src)
		return ds
	}, map[string]keystest.Beside{
		"items": {Add: []string{"type: list"}}, "values": {Add: []string{"type: enum"}, Drop: []string{"type"}},
	})
}
