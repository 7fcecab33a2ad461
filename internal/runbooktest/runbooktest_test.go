package runbooktest_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "write the expected texts anew")

// mainPlan is the plan of testdata/main.yaml.
func mainPlan(tb testing.TB) *plan.Plan {
	tb.Helper()
	path := filepath.Join("testdata", "main.yaml")
	src, err := os.ReadFile(path)
	require.NoError(tb, err)
	rb, ds := language.Parse(path, src)
	require.False(tb, ds.HasErrors(), "%v", ds)
	actions := registry.Builtin()
	p, ds := compile.Runbook(rb, check.Deps{Spec: actions.Spec, Names: actions.Names, Inspects: actions.Inspects, Undoes: actions.Undoes})
	require.False(tb, ds.HasErrors(), "%v", ds)
	return p
}

func bind(p *plan.Plan, path string, src []byte) (*runbooktest.Suite, runbook.Diagnostics) {
	file, ds := runbooktest.Parse(path, src)
	if file == nil || ds.HasErrors() {
		return nil, ds
	}
	actions := registry.Builtin()
	suite, more := runbooktest.Bind(file, p, runbooktest.Deps{Spec: actions.Spec, Inspects: actions.Inspects, Undoes: actions.Undoes})
	return suite, append(ds, more...)
}

func suiteOf(tb testing.TB, path string) *runbooktest.Suite {
	tb.Helper()
	src, err := os.ReadFile(path)
	require.NoError(tb, err)
	suite, ds := bind(mainPlan(tb), path, src)
	var text bytes.Buffer
	require.NoError(tb, ds.Render(&text, map[string][]byte{path: src}))
	require.Empty(tb, text.String())
	return suite
}

// shown writes failures as the goldens hold them.
func shown(r runbooktest.Result) string {
	var b strings.Builder
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "%s: %s\n", f.At, f.Summary)
		if f.Why != "" {
			fmt.Fprintf(&b, "  because: %s\n", f.Why)
		}
		for _, l := range runbooktest.Shorten(f.Diff, 1) {
			fmt.Fprintf(&b, "  %c %s\n", l.Mark, strings.TrimSpace(l.Text+"  "+l.Why))
		}
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make golden writes it")
	require.Equal(t, string(want), got)
}

func paths(t *testing.T, folder string) []string {
	t.Helper()
	out, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

func TestGoodTestsPass(t *testing.T) {
	for _, path := range paths(t, "ok") {
		suite := suiteOf(t, path)
		for i := range suite.Cases() {
			t.Run(suite.Name(i), func(t *testing.T) {
				t.Parallel()
				require.Empty(t, shown(suite.Run(i)))
			})
		}
	}
}

// Every problem of a test file is reported at once, where it stands.
func TestMistakesInTestFiles(t *testing.T) {
	p := mainPlan(t)
	for _, path := range paths(t, "err") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			_, ds := bind(p, path, src)
			require.True(t, ds.HasErrors())
			var text bytes.Buffer
			require.NoError(t, ds.Render(&text, map[string][]byte{path: src}))
			golden(t, strings.TrimSuffix(path, ".yaml")+".out", text.String())
		})
	}
}

// Each expectation fails with its own place and the reason.
func TestFailuresSayWhy(t *testing.T) {
	for _, path := range paths(t, "fail") {
		suite := suiteOf(t, path)
		var text strings.Builder
		for i := range suite.Cases() {
			r := suite.Run(i)
			require.NotEmpty(t, r.Failures, r.Name)
			fmt.Fprintf(&text, "%s\n%s\n", r.Name, shown(r))
		}
		require.NotContains(t, text.String(), "hunter2")
		golden(t, strings.TrimSuffix(path, ".yaml")+".out", text.String())
	}
}

func TestCoverageNamesWhatIsMissed(t *testing.T) {
	suite := suiteOf(t, filepath.Join("testdata", "ok", "all.test.yaml"))
	var text strings.Builder
	for _, results := range [][]runbooktest.Result{nil, {suite.Run(0)}, all(suite)} {
		c := suite.Coverage(results)
		fmt.Fprintf(&text, "%.1f %v %v %v, excused %d\n", c.Percent, c.Steps, c.Branches, c.Fails, c.Excused)
		for _, m := range c.Missed {
			fmt.Fprintf(&text, "  %s:%d:%d %s %s (%s) %s\n", m.File, m.Line, m.Column, m.Step, m.Words, m.Edge, m.Because)
		}
	}
	golden(t, filepath.Join("testdata", "coverage.out"), text.String())
}

func all(s *runbooktest.Suite) []runbooktest.Result {
	out := make([]runbooktest.Result, s.Cases())
	for i := range out {
		out[i] = s.Run(i)
	}
	return out
}

// A suite may be run by many at once, and always finds the same.
func TestSameResults(t *testing.T) {
	suite := suiteOf(t, filepath.Join("testdata", "ok", "all.test.yaml"))
	want := all(suite)
	done := make(chan []runbooktest.Result)
	for range 4 {
		go func() { done <- all(suite) }()
	}
	for range 4 {
		require.Equal(t, want, <-done)
	}
}

// TestParserAndTableAgree: whatever the table says of a key, the parser does.
func TestParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("test", keystest.Place{Table: runbooktest.Table(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "test/tests/expect/waits")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := runbooktest.Parse("x.yaml", src)
		return ds
	}, map[string]keystest.Beside{"finds": {Add: []string{"dies: true"}}})
}

// Whatever stands in a file, its findings are inside it, and what can be bound
// can be run.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"ok", "err", "fail"} {
		files, _ := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		for _, path := range files {
			src, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(src)
		}
	}
	p := mainPlan(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		suite, ds := bind(p, "x.yaml", src)
		lines := bytes.Count(src, []byte("\n")) + 1
		for _, d := range ds {
			require.LessOrEqual(t, d.Span.Start.Line, lines, d.Summary)
			require.Equal(t, "x.yaml", d.Span.File)
		}
		if suite == nil || ds.HasErrors() {
			return
		}
		for i := range min(suite.Cases(), 3) {
			suite.Run(i)
		}
	})
}

func BenchmarkCases(b *testing.B) {
	suite := suiteOf(b, filepath.Join("testdata", "ok", "all.test.yaml"))
	b.ReportAllocs()
	for b.Loop() {
		suite.Run(0)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tests/s")
}
