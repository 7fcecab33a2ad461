package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTableAgree: whatever the table says of a key, the parser does, so
// that an editor marks nothing that irctl takes, and nothing else.
func TestParserAndTableAgree(t *testing.T) {
	for kind, of := range map[string]struct {
		table language.Table
		leads string // to a place deep inside
		parse func(src []byte) runbook.Diagnostics
	}{
		"environment": {environment.Table(), "environment/playbooks/trusted/key", func(src []byte) runbook.Diagnostics {
			_, ds := environment.Parse("x.yaml", src)
			return ds
		}},
		"policy": {environment.PolicyTable(), "policy/approvals", func(src []byte) runbook.Diagnostics {
			_, ds := environment.ParsePolicy("x.yaml", src)
			return ds
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			places := keystest.Places{}
			places.Find(kind, keystest.Place{Table: of.table, Wrap: func(lines []string) string { return strings.Join(lines, "\n") + "\n" }})
			require.Contains(t, places, of.leads)
			places.Check(t, of.parse, nil)
		})
	}
}
