package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachOfSeveralCommandLinesIsLookedAt: an input that holds several is held to the
// same rules as argv, which holds one.
func TestEachOfSeveralCommandLinesIsLookedAt(t *testing.T) {
	found := despite(head + `inputs: {account: {type: string, required: true}}
steps:
  - id: collect
    uses: evidence.collect
    target: cases
    owner: o@example.com
    with:
      case: INC-1
      commands:
        - [last, "${{ inputs.account }}"]
        - [sh, -c, "last ${{ inputs.account }}"]
        - [mysqldump, --password, hunter2]
        - [ps, aux, "|", head]
`)
	text := strings.Join(found, "\n")
	require.Contains(t, text, "IR0225: ")
	require.Contains(t, text, "IR0304: ")
	require.Contains(t, text, "IR0306: ")
	require.Equal(t, 1, strings.Count(text, "IR0225"), text)
}
