package expr_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
)

func TestNumbersKeepTypeAndDigitsInExpressions(t *testing.T) {
	values := map[string]any{
		"inputs.id": int64(7615917337495251231), "inputs.most": uint64(math.MaxUint64), "inputs.beyond": json.Number("123456789012345678901234567890"),
		"inputs.whole": 2.0, "inputs.pin": action.NewSecret(int64(83746251)), "inputs.code": action.NewSecret("0083746251"),
	}
	resolve := func(name string) (any, bool) { v, ok := values[name]; return v, ok }
	for text, want := range map[string]any{
		"${{ inputs.id == 7615917337495251231 }}":              true,
		"${{ inputs.id + 1 }}":                                 int64(7615917337495251232),
		"${{ inputs.most }}":                                   uint64(math.MaxUint64),
		"${{ inputs.most == 18446744073709551615 }}":           true,
		"${{ inputs.most > 9223372036854775808 }}":             true,
		"${{ string(inputs.most) + '/18446744073709551615' }}": "18446744073709551615/18446744073709551615",
		"${{ [inputs.most, 1.0, 1] }}":                         []any{uint64(math.MaxUint64), 1.0, int64(1)},
		"${{ inputs.beyond }}":                                 json.Number("123456789012345678901234567890"),
		"n=${{ inputs.beyond }}":                               "n=123456789012345678901234567890",
		"${{ inputs.whole * 2.5 }}":                            5.0,
		"${{ inputs.whole }}":                                  2.0,
		"${{ int(inputs.code) }}":                              action.NewSecret(int64(83746251)),
		"${{ inputs.pin + 1 }}":                                action.NewSecret(int64(83746252)),
		"${{ inputs.pin > 5 }}":                                action.NewSecret(true),
	} {
		got, _, err := expr.NewEvaluator().Value(text, resolve)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestAValueThatCannotBeHadFailsWithItsReason(t *testing.T) {
	lost := &action.Error{Message: "the answer was longer than 16 MiB"}
	resolve := func(string) (any, bool) { return lost, true }
	for _, text := range []string{"${{ inputs.a }}", "${{ inputs.a == 1 || true }}", "x ${{ size(inputs.a) }}"} {
		_, _, err := expr.NewEvaluator().Value(text, resolve)
		if text == "${{ inputs.a == 1 || true }}" {
			require.NoError(t, err, "what is true whatever the value is needs no value")
			continue
		}
		require.ErrorContains(t, err, "the answer was longer than 16 MiB", text)
		require.ErrorIs(t, err, lost)
	}
}
