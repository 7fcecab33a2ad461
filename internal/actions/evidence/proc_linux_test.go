package evidence

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func TestFilesThatClaimToBeEmptyAreRead(t *testing.T) {
	b := newBench(t)
	r, err := Collect().Run(t.Context(), b.request(t, "k", action.Values{"files": []any{"/proc/self/status"}}), &actiontest.Sink{})
	require.NoError(t, err)
	require.Positive(t, r.Outputs["items"].([]any)[0].(map[string]any)["size"])
}
