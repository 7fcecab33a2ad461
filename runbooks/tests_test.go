package runbooks_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

var update = flag.Bool("update", false, "write the expected texts anew")

func compiled(t *testing.T, name string) *plan.Plan {
	t.Helper()
	p, found := compile.Runbook(parse(t, name), deps(t))
	require.False(t, found.HasErrors(), "%v", found)
	return p
}

// tests reads the tests of a shipped runbook.
func tests(t *testing.T, name string) *runbooktest.File {
	t.Helper()
	src, ok := runbooks.Tests(name)
	require.True(t, ok)
	file, found := runbooktest.Parse(name+".test.yaml", src)
	silent(t, found, name+".test", src)
	return file
}

// run carries out all cases of a suite.
func run(t *testing.T, file *runbooktest.File, p *plan.Plan) (*runbooktest.Suite, []runbooktest.Result) {
	t.Helper()
	suite, found := bind(file, p)
	require.Empty(t, found)
	return suite, results(suite)
}

func bind(file *runbooktest.File, p *plan.Plan) (*runbooktest.Suite, runbook.Diagnostics) {
	actions := registry.Builtin()
	return runbooktest.Bind(file, p, runbooktest.Deps{Spec: actions.Spec, Inspects: actions.Inspects, Undoes: actions.Undoes})
}

func results(suite *runbooktest.Suite) []runbooktest.Result {
	results := make([]runbooktest.Result, suite.Cases())
	for i := range results {
		results[i] = suite.Run(i)
	}
	return results
}

func TestEveryShippedRunbookPassesItsTestsWhichReachAllOfIt(t *testing.T) {
	for _, name := range runbooks.Names() {
		t.Run(name, func(t *testing.T) {
			suite, results := run(t, tests(t, name), compiled(t, name))
			for _, r := range results {
				require.Empty(t, r.Failures, r.Name)
			}
			c := suite.Coverage(results)
			require.Empty(t, c.Missed)
			require.InDelta(t, 100, c.Percent, 0)
		})
	}
}

// mutant is a copy of a plan with one thing broken.
type mutant struct {
	what string
	plan *plan.Plan
}

// mutants breaks each of a runbook's own steps in every way that it can be
// broken.
func mutants(t *testing.T, p *plan.Plan) []mutant {
	var out []mutant
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.File != p.Source {
			continue
		}
		add := func(what string, change func(p *plan.Plan, n *plan.Node)) {
			encoded, err := p.Encode()
			require.NoError(t, err)
			broken, err := plan.Decode(encoded)
			require.NoError(t, err)
			change(broken, &broken.Nodes[i])
			out = append(out, mutant{n.Path + ": " + what, broken})
		}
		add("the step is removed", remove)
		if n.Fallback.Given {
			add("the fallback is dropped", func(_ *plan.Plan, n *plan.Node) { n.Fallback = plan.Value{} })
		}
		if n.OnFailure.Policy != plan.FailStop {
			add("on_failure is dropped", func(_ *plan.Plan, n *plan.Node) { n.OnFailure.Policy = plan.FailStop })
		}
		if n.Retry != nil {
			add("retry is dropped", func(_ *plan.Plan, n *plan.Node) { n.Retry = nil })
		}
		if n.When != "" {
			add("when is dropped", func(_ *plan.Plan, n *plan.Node) { n.When = "" })
		}
		if n.Approval != nil {
			add("the approval does not expire", func(_ *plan.Plan, n *plan.Node) { n.Approval.Within = plan.Value{} })
			if n.Kind != plan.Approve {
				add("the approval is dropped", func(_ *plan.Plan, n *plan.Node) { n.Approval = nil })
			}
		}
		if n.Action != nil {
			if n.Action.Target != "" {
				add("another target", func(_ *plan.Plan, n *plan.Node) { n.Action.Target = "wrong" })
			}
			for k, a := range n.Action.With {
				add("a wrong "+a.Name, func(_ *plan.Plan, n *plan.Node) { n.Action.With[k].Value = wrong(a.Value) })
			}
		}
		for k, a := range n.With {
			add("a wrong "+a.Name, func(_ *plan.Plan, n *plan.Node) { n.With[k].Value = wrong(a.Value) })
		}
	}
	return out
}

// remove takes a step out of the way that tokens go.
func remove(p *plan.Plan, n *plan.Node) {
	skip := func(id *plan.NodeID) {
		if *id == n.ID {
			*id = n.Next
		}
	}
	skip(&p.Entry)
	for i := range p.Nodes {
		skip(&p.Nodes[i].Next)
		skip(&p.Nodes[i].OnFailure.Next)
		for k := range p.Nodes[i].Blocks {
			skip(&p.Nodes[i].Blocks[k].Entry)
		}
	}
}

// wrong is another value.
func wrong(v plan.Value) plan.Value {
	switch raw := v.Raw.(type) {
	case string:
		return plan.Of("wrong")
	case []any:
		return plan.Of(raw[1:])
	case map[string]any:
		return plan.Of(map[string]any{})
	}
	return plan.Of(int64(99))
}

// A test that would pass whatever the runbook does is worth nothing: each copy
// with one thing broken fails, and the first failure says what it is about.
func TestEveryBrokenCopyFails(t *testing.T) {
	var told strings.Builder
	for _, name := range runbooks.Names() {
		file := tests(t, name)
		shown := map[string]bool{} // kinds of what is broken
		for _, m := range mutants(t, compiled(t, name)) {
			text := fails(file, m.plan)
			assert.NotEmpty(t, text, "%s: no test fails although %s", name, m.what)
			_, kind, _ := strings.Cut(m.what, ": ")
			if strings.HasPrefix(kind, "a wrong ") {
				kind = "a wrong input"
			}
			if !shown[kind] {
				shown[kind] = true
				fmt.Fprintf(&told, "%s: %s\n%s\n", name, m.what, text)
			}
		}
	}
	golden(t, "broken.golden", told.String())
}

// fails shows the first finding about the tests of a plan, or else the first
// failure of the first test that fails; "" if there is none.
func fails(file *runbooktest.File, p *plan.Plan) string {
	suite, found := bind(file, p)
	for _, d := range found {
		return fmt.Sprintf("  %s: %s\n    %s\n", d.Span, d.Summary, d.Detail)
	}
	for _, r := range results(suite) {
		if len(r.Failures) == 0 {
			continue
		}
		f := r.Failures[0]
		var b strings.Builder
		fmt.Fprintf(&b, "  %s\n  %s: %s\n", r.Name, f.At, f.Summary)
		if f.Why != "" {
			fmt.Fprintf(&b, "    because: %s\n", f.Why)
		}
		for _, l := range runbooktest.Shorten(f.Diff, 1) {
			fmt.Fprintf(&b, "    %c %s\n", l.Mark, l.Text)
		}
		return b.String()
	}
	return ""
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make golden writes it")
	require.Equal(t, string(want), got, "if this is right, make golden writes it anew")
}
