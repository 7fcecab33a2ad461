package compile_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/check/checktest"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func parse(path string) (*runbook.Runbook, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rb, found := language.Parse(strings.TrimPrefix(filepath.ToSlash(path), "../../"), src)
	if found.HasErrors() {
		return nil, errors.New(found[0].Span.String() + " " + found[0].Summary)
	}
	return rb, nil
}

func deps() check.Deps {
	d := checktest.Deps()
	d.Callee = func(name, from string) (*runbook.Runbook, error) {
		return parse(filepath.Join("../..", filepath.Dir(from), "called", name+".yaml"))
	}
	return d
}

// TestPlans lowers every good runbook. A golden plan has a line for the plan
// and one for each node.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("../../testdata/language/check/ok/*.yaml")
	require.NoError(t, err)
	more, err := filepath.Glob("../../testdata/language/plan/*.yaml")
	require.NoError(t, err)
	for _, f := range append(files, more...) {
		rb, err := parse(f)
		require.NoError(t, err)
		p, found := compile.Runbook(rb, deps())
		require.Empty(t, found, f)
		encoded, err := p.Encode()
		require.NoError(t, err)

		again, _ := compile.Runbook(rb, deps())
		second, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, string(encoded), string(second), "the same runbook gives the same bytes")
		back, err := plan.Decode(encoded)
		require.NoError(t, err)
		third, err := back.Encode()
		require.NoError(t, err)
		require.Equal(t, string(encoded), string(third), "a plan survives being read")

		golden := filepath.Join("../../testdata/language/plan", strings.TrimSuffix(filepath.Base(f), ".yaml")+".plan")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(lines(t, p)), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), lines(t, p), f)
	}
}

func lines(t *testing.T, p *plan.Plan) string {
	var out strings.Builder
	head := *p
	head.Nodes = nil
	write := func(v any) {
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(v))
	}
	write(head)
	for _, n := range p.Nodes {
		write(n)
	}
	return out.String()
}

func TestNodesStandInTheirBlocks(t *testing.T) {
	rb, err := parse("../../testdata/language/check/ok/everything.yaml")
	require.NoError(t, err)
	p, _ := compile.Runbook(rb, deps())
	for i := range p.Nodes {
		n := &p.Nodes[i]
		for _, next := range []plan.NodeID{n.Next, n.OnFailure.Next} {
			if to := p.Node(next); to != nil {
				require.Equal(t, [2]int{int(n.Parent), n.Block}, [2]int{int(to.Parent), to.Block}, "%s jumps out of its block", n.Path)
			}
		}
		for b, block := range n.Blocks {
			if to := p.Node(block.Entry); to != nil {
				require.Equal(t, [2]int{i, b}, [2]int{int(to.Parent), to.Block}, n.Path)
			}
		}
	}
}

func TestErrorsOfCalledRunbooksAreReported(t *testing.T) {
	main, found := language.Parse("main.yaml", []byte("irctl: v1\nname: main\nsteps:\n  - {id: a, run: sub}\n  - {id: b, run: sub}\n"))
	require.Empty(t, found)
	sub, found := language.Parse("sub.yaml", []byte("irctl: v1\nname: sub\nsteps:\n  - {id: x, manual: \"${{ inputs.nope }}\"}\n"))
	require.Empty(t, found)
	d := deps()
	d.Callee = func(string, string) (*runbook.Runbook, error) { return sub, nil }
	p, problems := compile.Runbook(main, d)
	require.Nil(t, p)
	require.Len(t, problems, 1)
	require.Equal(t, "sub.yaml:4:33", problems[0].Span.String())
}

func TestPlansAreBounded(t *testing.T) {
	books := map[string]*runbook.Runbook{}
	for i := range 20 {
		next := fmt.Sprintf("b%d", i+1)
		text := fmt.Sprintf("irctl: v1\nname: b%d\nsteps:\n  - {id: x, run: %s}\n  - {id: y, run: %s}\n", i, next, next)
		if i == 19 {
			text = "irctl: v1\nname: b19\nsteps:\n  - {id: x, wait: 1s}\n"
		}
		rb, found := language.Parse(fmt.Sprintf("b%d.yaml", i), []byte(text))
		require.Empty(t, found)
		books[fmt.Sprintf("b%d", i)] = rb
	}
	d := deps()
	d.Callee = func(name, _ string) (*runbook.Runbook, error) { return books[name], nil }
	p, found := compile.Runbook(books["b0"], d)
	require.Nil(t, p)
	require.Len(t, found, 1)
	require.Equal(t, "IR0290", found[0].Code)
}

// long is a runbook of many steps that refer to each other.
func long(steps int) []byte {
	var b strings.Builder
	b.WriteString("irctl: v1\nname: long\ninputs:\n  name: {type: string}\nsteps:\n")
	for i := range steps {
		fmt.Fprintf(&b, "  - {id: s%d, manual: \"Do ${{ inputs.name }}\"", i)
		if i > 0 {
			fmt.Fprintf(&b, ", when: steps.s%d.status != 'failed'", i-1)
		}
		b.WriteString("}\n")
	}
	return []byte(b.String())
}

// typical is a runbook of 20 steps as people write them.
func typical() []byte {
	var b strings.Builder
	b.WriteString("irctl: v1\nname: typical\ninputs:\n  name: {type: string}\nsteps:\n")
	for i := range 20 {
		fmt.Fprintf(&b, "  - id: s%d\n    title: Ask the page\n    uses: http\n    timeout: 2m\n    retry: {attempts: 3, delay: 2s}\n", i)
		fmt.Fprintf(&b, "    with: {url: \"https://example.com/${{ inputs.name }}/%d\", expect: {status: [200]}}\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "    when: steps.s%d.outputs.status == 200 && steps.s%d.status == 'succeeded'\n", i-1, i-1)
		}
	}
	return []byte(b.String())
}

func TestTenThousandSteps(t *testing.T) {
	rb, found := language.Parse("long.yaml", long(10_000))
	if found.HasErrors() {
		t.Fatal(found[0].Summary)
	}
	p, found := compile.Runbook(rb, deps())
	require.Empty(t, found)
	require.Len(t, p.Nodes, 10_000)
}

func BenchmarkTenThousandSteps(b *testing.B) {
	src := long(10_000)
	for b.Loop() {
		rb, _ := language.Parse("long.yaml", src)
		if _, found := compile.Runbook(rb, deps()); len(found) > 0 {
			b.Fatal(found[0])
		}
	}
}

// BenchmarkValidateThousand parses and checks 1,000 runbooks of 20 steps.
func BenchmarkValidateThousand(b *testing.B) {
	src := typical()
	for b.Loop() {
		for range 1000 {
			rb, _ := language.Parse("long.yaml", src)
			if found := check.Runbook(rb, deps()); len(found) > 0 {
				b.Fatal(found[0])
			}
		}
	}
}

// BenchmarkCheckThousand is the same without parsing.
func BenchmarkCheckThousand(b *testing.B) {
	rb, _ := language.Parse("typical.yaml", typical())
	for b.Loop() {
		for range 1000 {
			if found := check.Runbook(rb, deps()); len(found) > 0 {
				b.Fatal(found[0])
			}
		}
	}
}

func FuzzRunbook(f *testing.F) {
	for _, pattern := range []string{"../../testdata/language/check/ok/*.yaml", "../../testdata/language/check/err/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	d := deps()
	d.Callee = func(string, string) (*runbook.Runbook, error) { return nil, errors.New("no such file") }
	f.Fuzz(func(t *testing.T, src []byte) {
		rb, found := language.Parse("fuzz.yaml", src)
		if rb == nil {
			return
		}
		broken := found.HasErrors()
		found = check.Runbook(rb, d) // rules are also applied to what could be read of a broken file
		for _, one := range found {
			if one.Span.File != "fuzz.yaml" || one.Span.Start.Offset > one.Span.End.Offset || one.Span.End.Offset > len(src) || one.Span.Start.Line < 1 {
				t.Fatalf("a finding outside its file: %+v", one)
			}
		}
		if broken {
			return
		}
		_, _ = compile.Runbook(rb, d)
	})
}
