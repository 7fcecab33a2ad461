package cacao_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTableAgree: whatever the table of binding files says of a key,
// the parser does.
func TestParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("bindings", keystest.Place{Table: cacao.BindingsTable(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "bindings/bindings")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := cacao.ParseBindings("x.bindings.yaml", src)
		return ds
	}, nil)
}
