package check_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/check/checktest"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const folder = "../../testdata/language/check"

// deps are the fixed specs, and the runbooks beside the one under test.
func deps() check.Deps {
	d := checktest.Deps()
	d.Roles = func(role string) []string {
		return map[string][]string{"commander": {"dana", "lee"}, "lead": {"dana"}, "it-lead": {"sam"}, "legal": {"kim"}}[role]
	}
	d.Callee = func(name, from string) (*runbook.Runbook, error) {
		return load(filepath.Join(filepath.Dir(from), "called", name+".yaml"))
	}
	return d
}

func load(path string) (*runbook.Runbook, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("there is no such file")
	}
	rb, found := language.Parse(path, src)
	if found.HasErrors() {
		var all []string
		for _, d := range found {
			all = append(all, d.Span.String()+": "+d.Summary)
		}
		return nil, errors.New(strings.Join(all, "\n"))
	}
	return rb, nil
}

// errorsOf is what keeps a runbook from running: Analyze without its facts.
func errorsOf(rb *runbook.Runbook, d check.Deps) runbook.Diagnostics {
	_, found := check.Analyze(rb, d)
	return found
}

func TestSilentOnGoodRunbooks(t *testing.T) {
	silent(t, folder+"/ok", errorsOf)
	silent(t, folder+"/review/ok", check.Runbook)
}

func silent(t *testing.T, folder string, look func(*runbook.Runbook, check.Deps) runbook.Diagnostics) {
	files, err := filepath.Glob(folder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		rb, err := load(f)
		require.NoError(t, err, f)
		require.Equal(t, "", render(rb, look(rb, deps())), f)
	}
}

func TestFindings(t *testing.T) {
	seen := map[string]bool{}
	findings(t, folder+"/err", errorsOf, seen)
	findings(t, folder+"/review/err", check.Runbook, seen)
	seen[check.TooMuchToReview.ID] = true // hostile_test.go
	for _, c := range finding.Codes(check.Codes()) {
		require.True(t, seen[c.ID], "no example in %s makes %s (%s)", folder, c.ID, c.Title)
	}
}

func findings(t *testing.T, folder string, look func(*runbook.Runbook, check.Deps) runbook.Diagnostics, seen map[string]bool) {
	files, err := filepath.Glob(folder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		rb, err := load(f)
		require.NoError(t, err, f)
		found := look(rb, deps())
		require.NotEmpty(t, found, f)
		for _, d := range found {
			seen[d.Code] = true
			require.Equal(t, rb.File, d.Span.File, "%s: %s", f, d.Summary)
			require.LessOrEqual(t, d.Span.Start.Offset, d.Span.End.Offset)
			require.LessOrEqual(t, d.Span.End.Offset, len(rb.Source))
		}
		got, golden := render(rb, found), strings.TrimSuffix(f, ".yaml")+".out"
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), got, f)
	}
}

// render shows findings in the order of the file: place, text under it, words.
func render(rb *runbook.Runbook, found runbook.Diagnostics) string {
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(a, b runbook.Diagnostic) int { return a.Span.Start.Offset - b.Span.Start.Offset })
	var out strings.Builder
	for _, d := range sorted {
		at := d.Span
		quoted := string(rb.Source[at.Start.Offset:at.End.Offset])
		quoted, _, _ = strings.Cut(quoted, "\n")
		fmt.Fprintf(&out, "%d:%d-%d:%d %s %s %s\n    at: %s\n", at.Start.Line, at.Start.Column, at.End.Line, at.End.Column, d.Code, d.Severity, d.Summary, quoted)
		if d.Detail != "" {
			fmt.Fprintf(&out, "    -> %s\n", d.Detail)
		}
	}
	return out.String()
}
