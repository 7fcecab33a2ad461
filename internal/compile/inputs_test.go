package compile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

func value(v any) *plan.Value { out := plan.Of(v); return &out }

var inputs = &plan.Plan{Inputs: []plan.Field{
	{Name: "incident", Type: "string", Required: true, Pattern: "^INC-[0-9]+$", Description: "Ticket that opened this"},
	{Name: "severity", Type: "enum", Enum: []string{"low", "high"}, Default: value("high")},
	{Name: "accounts", Type: "list", Items: "string", Default: value([]any{}), Max: value(int64(3))},
	{Name: "limits", Type: "map", Items: "int"},
	{Name: "urgent", Type: "bool"},
	{Name: "count", Type: "int", Min: value(int64(1)), Max: value(int64(9))},
	{Name: "ratio", Type: "float"},
	{Name: "patience", Type: "duration", Max: value("2h")},
	{Name: "deadline", Type: "time"},
	{Name: "token", Type: "string", Secret: true, Required: true},
}}

func TestInputs(t *testing.T) {
	values, refs, problems := compile.Inputs(inputs, map[string]string{
		"incident": "INC-7", "accounts": "alice, bob", "limits": "a=1,b=2", "urgent": "true", "count": "3",
		"ratio": "0.5", "patience": "90m", "deadline": "2026-03-01T15:30:00+01:00", "token": "env:TOKEN",
	})
	require.Empty(t, problems)
	require.Equal(t, event.Values{"token": "env:TOKEN"}, refs)
	require.Equal(t, event.Values{
		"incident": "INC-7", "severity": "high", "accounts": []any{"alice", "bob"},
		"limits": map[string]any{"a": int64(1), "b": int64(2)}, "urgent": true, "count": int64(3),
		"ratio": 0.5, "patience": "1h30m0s", "deadline": "2026-03-01T14:30:00Z",
	}, values)
}

func TestInputsAsJSON(t *testing.T) {
	values, _, problems := compile.Inputs(inputs, map[string]string{
		"incident": "INC-7", "accounts": `["a,b", "c"]`, "limits": `{"a": 1}`, "token": "file:/run/token",
	})
	require.Empty(t, problems)
	require.Equal(t, []any{"a,b", "c"}, values["accounts"])
	require.Equal(t, map[string]any{"a": int64(1)}, values["limits"])
}

func TestEveryInputProblemAtOnce(t *testing.T) {
	_, _, problems := compile.Inputs(inputs, map[string]string{
		"acounts": "x", "severity": "hihg", "accounts": "a,b,c,d", "limits": "a", "urgent": "yes", "count": "12",
		"ratio": "half", "patience": "3h", "deadline": "tomorrow", "token": "hunter2",
	})
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
		require.NotContains(t, p.Error(), "hunter2")
	}
	require.Equal(t, []string{
		"acounts is not an input here; did you mean `accounts`?",
		"incident is required; Ticket that opened this; give it as incident=STRING",
		"severity \"hihg\" is not one of low, high; did you mean `high`?",
		"accounts is more than 3 entries",
		"limits is not a map; write limits=a=1,b=2 or JSON",
		"urgent \"yes\" is not true or false; write true or false",
		"count is more than 9",
		"ratio \"half\" is not a number",
		"patience is more than 2h",
		"deadline \"tomorrow\" is not a time; write it as in \"2026-03-01T14:30:00Z\" (RFC 3339)",
		"token is a secret, so it is given as a reference; write token=env:NAME or token=file:PATH",
	}, got)
}

func TestCallInputs(t *testing.T) {
	values, err := compile.CallInputs(inputs.Inputs, map[string]any{
		"incident": "INC-7", "count": int64(2), "patience": "5m", "urgent": nil, "token": "[redacted]",
	})
	require.NoError(t, err)
	require.Equal(t, event.Values{
		"incident": "INC-7", "severity": "high", "accounts": []any{}, "count": int64(2), "patience": "5m0s", "token": "[redacted]",
	}, values)

	_, err = compile.CallInputs(inputs.Inputs, map[string]any{"incident": int64(7), "nope": 1})
	require.ErrorContains(t, err, "nope is not an input here")
	require.ErrorContains(t, err, "incident")
	require.ErrorContains(t, err, "token is required")
}
