package casefolder

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextFromOutsideMakesNoLinksAndNoHeadings(t *testing.T) {
	require.Equal(t, "\\[pay\\](https:\\//evil.example) !\\[x\\](y)", line("[pay](https://evil.example) ![x](y)"))
	require.Equal(t, "\\\\\\[x\\](y)", line("\\[x](y)"))
	require.Equal(t, "Closed\n\\===\n\\---\n\\# x\na - b", block("Closed\n  ===\n---\n# x\na - b"))
}
