package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/manual"
)

// What help shows as a whole connector is one.
func TestTheConnectorInHelpIsFaultless(t *testing.T) {
	text, ok := manual.Topic("connectors", "", nil)
	require.True(t, ok)
	_, rest, ok := strings.Cut(text, "A whole one:\n\n")
	require.True(t, ok)
	file, _, ok := strings.Cut(rest, "\n\nand a target")
	require.True(t, ok)
	file = strings.TrimPrefix(strings.ReplaceAll("\n"+file, "\n  ", "\n"), "\n") + "\n"
	require.Equal(t, library.KindConnector, library.KindOf([]byte(file)))
	a, _ := stage(t)
	require.Empty(t, diagnosed(a, library.NewDocument("people", "people.yaml", []byte(file)), library.KindConnector))
}
