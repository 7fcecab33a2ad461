package alertmanager_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/systems/alertmanager"
)

func TestMatchers(t *testing.T) {
	for text, want := range map[string]alertmanager.Matcher{
		`service="portal"`:   {Name: "service", Value: "portal", Equal: true},
		`service = portal `:  {Name: "service", Value: "portal", Equal: true},
		`service!="a \"b\""`: {Name: "service", Value: `a "b"`},
		`job=~"node.*|db"`:   {Name: "job", Value: "node.*|db", Regex: true, Equal: true},
		`job!~node-[0-9]+`:   {Name: "job", Value: "node-[0-9]+", Regex: true},
		`a=b=c`:              {Name: "a", Value: "b=c", Equal: true},
		`empty=""`:           {Name: "empty", Equal: true},
	} {
		got, err := alertmanager.ParseMatcher(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := alertmanager.ParseMatcher(got.String())
		require.NoError(t, err, got.String())
		require.Equal(t, want, again)
	}
	for text, want := range map[string]string{
		"portal": `"portal" is not a matcher`,
		`="x"`:   `"=\"x\"" is not a matcher`,
		`a="x`:   `"a=\"x" ends in the middle of its quotes`,
		`a=~"("`: `"a=~\"(\"" is not a regular expression`,
		"":       `"" is not a matcher`,
	} {
		_, err := alertmanager.ParseMatcher(text)
		require.EqualError(t, err, want)
	}
	a, err := alertmanager.ParseMatchers([]string{"a=b", `c="d"`})
	require.NoError(t, err)
	b, err := alertmanager.ParseMatchers([]string{"c=d", `a="b"`})
	require.NoError(t, err)
	require.True(t, alertmanager.Same(a, b))
	require.False(t, alertmanager.Same(a, a[:1]))
}
