package compile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
)

func TestEnvNamesAreFoundInExpressionsOnly(t *testing.T) {
	p := &plan.Plan{Version: plan.Version, Nodes: []plan.Node{{
		When: "env.first == 'x'", Retry: &plan.Retry{When: "error.message != env.second"},
		Text: plan.Of("See ${{ env.third + env.first }}, not env.fourth or $${{ env.fifth }}."),
		Set:  []plan.Assignment{{Name: "when", Value: plan.Of(map[string]any{"when": "env.sixth", "deep": []any{"${{ env.seventh }}"}})}},
	}}}
	require.Equal(t, []string{"first", "second", "seventh", "third"}, compile.EnvNames(p))
}
