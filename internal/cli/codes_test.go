package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// Each code is documented once, and what its documentation shows is so.
func TestCodesAreDocumented(t *testing.T) {
	a, _ := stage(t)
	last := ""
	for _, c := range library.Codes() {
		t.Run(c.ID, func(t *testing.T) {
			require.Regexp(t, `^IR0[0-9]{3}$`, c.ID)
			require.Greater(t, c.ID, last, "a code is given once")
			last = c.ID
			require.Contains(t, []runbook.Severity{runbook.Error, runbook.Warning}, c.Severity)
			require.NotEmpty(t, c.Title)
			require.NotRegexp(t, `[.]$`, c.Title)
			require.Regexp(t, `[.]$`, c.Explanation)
			if c.Bad == "" {
				require.Empty(t, c.Good)
				require.NotEmpty(t, c.Unshown, "a code has an example, or a reason why not")
				return
			}
			require.Empty(t, c.Unshown)
			require.Contains(t, found(a, c.Bad), c.ID+" "+string(c.Severity), "the bad example")
			good := found(a, c.Good)
			require.NotContains(t, good, c.ID+" "+string(c.Severity), "the good example")
			require.False(t, slices.ContainsFunc(good, func(f string) bool { return strings.HasSuffix(f, " error") }), "the good example: %v", good)
		})
	}
}

// found is what validate says of an example: codes with severities.
func found(a *app, example string) []string {
	out := []string{}
	for _, d := range a.exampleFindings(example) {
		out = append(out, d.Code+" "+string(d.Severity))
	}
	return out
}

// The manual of a code says what is wrong with the bad example, and where.
func TestHelpOnCodesQuotesTheFinding(t *testing.T) {
	a, out := stage(t)
	where := regexp.MustCompile(`(?m)^line [0-9]+, column [0-9]+: `)
	for _, c := range library.Codes() {
		out.Reset()
		require.NoError(t, a.runHelp(nil, []string{strings.ToLower(c.ID)}))
		require.True(t, strings.HasPrefix(out.String(), c.ID+": "+c.Title+"\n"), c.ID)
		if c.Bad != "" {
			require.Regexp(t, where, out.String(), c.ID)
			require.Contains(t, out.String(), "\nNot reported:\n", c.ID)
		}
	}
	out.Reset()
	require.NoError(t, a.runHelp(nil, []string{"ir0118"}))
	require.Equal(t, `IR0118: malformed number, duration, time or pattern

Numbers are decimal digits without leading zeros or underscores. Durations
have units: 90s, 15m, 2h30m. Times are RFC 3339: 2026-03-01T14:30:00Z.
Patterns are RE2.

Reported:

  - wait: 10 minutes

line 1, column 9: `+"`wait` must be a duration"+`
What to do: write 10m

Not reported:

  - wait: 10m
`, out.String())
}

func TestHelpListsEveryCode(t *testing.T) {
	a, out := stage(t)
	require.NoError(t, a.runHelp(nil, []string{"codes"}))
	for _, c := range library.Codes() {
		require.Contains(t, out.String(), "  "+c.ID+"  "+string(c.Severity))
	}
}

// What irctl ships and shows, and what it writes for people to begin with, has
// nothing to review.
func TestReviewIsSilentOnWhatWeWrite(t *testing.T) {
	a, _ := stage(t)
	sources := map[string]string{}
	for _, name := range runbooks.Names() {
		source, ok := runbooks.Source(name)
		require.True(t, ok)
		sources[name] = string(source)
	}
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for i, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(readme, -1) {
		sources[fmt.Sprint("README ", i)] = string(m[1])
	}
	template, err := os.ReadFile("templates/runbook.yaml")
	require.NoError(t, err)
	sources["template"] = strings.NewReplacer("NAME", "name", "TITLE", "Title").Replace(string(template))
	require.Greater(t, len(sources), 6)
	for name, source := range sources {
		require.Empty(t, a.library().Diagnose(library.NewDocument(name, name+".yaml", []byte(source)), library.KindRunbook, nil), name)
	}
}
