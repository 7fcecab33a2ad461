package data_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

func TestNumbersKeepTypeAndDigitsInJSON(t *testing.T) {
	const text = `{"beyond":123456789012345678901234567890,"half":1.5,"id":7615917337495251231,"least":-9223372036854775808,"most":18446744073709551615,"one":1.0,"small":1,"vast":1e+300}`
	got, err := data.Decode([]byte(text))
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"beyond": json.Number("123456789012345678901234567890"), "half": 1.5, "id": int64(7615917337495251231), "least": int64(math.MinInt64),
		"most": uint64(math.MaxUint64), "one": 1.0, "small": int64(1), "vast": 1e300,
	}, got)
	back, err := data.Encode(got)
	require.NoError(t, err)
	require.JSONEq(t, text, string(back))
	require.Contains(t, string(back), `"one":1.0,`)
	require.Contains(t, string(back), `"most":18446744073709551615,`)
	for _, bad := range []string{"", "{", "{} {}", `"a" "b"`, strings.Repeat("[", 1<<16)} {
		_, err := data.Decode([]byte(bad))
		require.Error(t, err)
	}
}

func TestOfMakesDataOfGoValues(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	require.Equal(t,
		map[string]any{"i": int64(3), "f": 2.0, "n": uint64(math.MaxUint64), "d": "1m30s", "t": "2026-03-01T12:00:00.123456Z", "l": []any{"a"}, "m": map[string]any{"k": "v"}, "nil": nil, "s": "[redacted]"},
		data.Of(map[string]any{"i": 3, "f": 2.0, "n": json.Number("18446744073709551615"), "d": 90 * time.Second, "t": at, "l": []string{"a"}, "m": map[string]string{"k": "v"}, "nil": nil, "s": action.NewSecret("x")}))
}

func TestTheWireShowsSecretsWithTheirTypes(t *testing.T) {
	require.Equal(t, map[string]any{"pin": []any{int64(83746251), "x", true}},
		data.Wire(map[string]any{"pin": []any{action.NewSecret(int64(83746251)), action.NewSecret("x"), action.NewSecret(true)}}))
}

func TestNumbersAreTheSameWhateverTheirTypes(t *testing.T) {
	require.True(t, data.Same(int64(1), 1.0))
	require.True(t, data.Same(map[string]any{"a": []any{1}}, map[string]any{"a": []any{int64(1)}}))
	require.False(t, data.Same(int64(7615917337495251231), int64(7615917337495251232)))
	require.False(t, data.Same(uint64(math.MaxUint64), 18446744073709551616.0))
	require.False(t, data.Same("1", 1))
	require.False(t, data.Same(nil, false))
}

func TestCleanCleansKeysToo(t *testing.T) {
	require.Equal(t, map[string]any{"k␛": []any{"v␇", int64(1), nil}}, data.Clean(map[string]any{"k\x1b": []any{"v\x07", int64(1), nil}}))
}
