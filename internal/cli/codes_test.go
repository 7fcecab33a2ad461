package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// Each code is documented once, and what its documentation shows is so: a bad
// example has the finding at these places, a good one has none.
func TestCodesAreDocumented(t *testing.T) {
	a, _ := stage(t)
	last := ""
	for _, c := range library.Codes() {
		t.Run(c.ID, func(t *testing.T) {
			require.Regexp(t, `^IR0[0-9]{3}$`, c.ID)
			require.Greater(t, c.ID, last, "a code is given once")
			last = c.ID
			require.NotEmpty(t, c.Title)
			require.NotRegexp(t, `[.]$`, c.Title)
			require.Regexp(t, `[.]$`, c.Explanation)
			e := c.Example()
			if e.Unshown != "" {
				require.Equal(t, finding.Example{Unshown: e.Unshown}, e)
				return
			}
			got := said(a, e.Bad, func(d runbook.Diagnostic) bool { return d.Code == c.ID && d.Severity == c.Severity })
			if *updateExamples {
				write(t, c, got)
				return
			}
			require.NotEmpty(t, e.Found, "a code has an example, or a reason why not")
			require.Equal(t, e.Found, got, "the bad example")
			require.Empty(t, said(a, e.Good, func(d runbook.Diagnostic) bool { return d.Code == c.ID || d.Severity == runbook.Error }), "the good example")
		})
	}
}

var updateExamples = flag.Bool("update-examples", false, "rewrite what is found in the examples of codes")

// said is what validate says of an example, as its documentation quotes it.
func said(a *app, example string, which func(runbook.Diagnostic) bool) string {
	file, before := finding.ExampleFile(example)
	d := library.NewDocument("example", "example.yaml", []byte(file))
	var b strings.Builder
	for _, f := range diagnosed(a, d, library.KindOf(d.Source)) {
		if !which(f) {
			continue
		}
		fmt.Fprintf(&b, "line %d, column %d: %s\n", f.Span.Start.Line-before, f.Span.Start.Column, action.CleanLine(f.Summary, 400))
		if f.Detail != "" {
			fmt.Fprintf(&b, "What to do: %s\n", action.CleanLine(f.Detail, 400))
		}
	}
	return b.String()
}

// write replaces what an example's file says is found.
func write(t *testing.T, c *finding.Code, found string) {
	files, err := filepath.Glob("../*/" + strings.ToLower(c.ID) + "_*.txtar")
	require.NoError(t, err)
	require.Len(t, files, 1)
	archive, err := txtar.ParseFile(files[0])
	require.NoError(t, err)
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "found" })
	archive.Files = slices.Insert(archive.Files, 1, txtar.File{Name: "found", Data: []byte(found)})
	require.NoError(t, os.WriteFile(files[0], txtar.Format(archive), 0o644))
}

// The manual of a code says what is wrong with the bad example, and where.
func TestHelpOnCodesQuotesTheFinding(t *testing.T) {
	a, out := stage(t)
	where := regexp.MustCompile(`(?m)^line [0-9]+, column [0-9]+: `)
	for _, c := range library.Codes() {
		out.Reset()
		require.NoError(t, a.runHelp(nil, []string{strings.ToLower(c.ID)}))
		require.True(t, strings.HasPrefix(out.String(), c.ID+": "+c.Title+"\n"), c.ID)
		if c.Example().Bad != "" {
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
	template, err := os.ReadFile("../library/templates/runbook.yaml.tmpl")
	require.NoError(t, err)
	sources["template"] = strings.NewReplacer("NAME", "name", "TITLE", "Title").Replace(string(template))
	require.Greater(t, len(sources), 6)
	for name, source := range sources {
		require.Empty(t, diagnosed(a, library.NewDocument(name, name+".yaml", []byte(source)), library.KindRunbook), name)
	}
}

func diagnosed(a *app, d *library.Document, kind string) runbook.Diagnostics {
	found, _ := a.library().Diagnose(d, kind, nil)
	return found
}
