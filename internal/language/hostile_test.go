package language_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
)

// BenchmarkHostile shows what the worst files cost to read; the one of
// internal/check what hostile runbooks cost to read and to check.
func BenchmarkHostile(b *testing.B) {
	for _, f := range hostileTrees() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = language.ParseTree("x.yaml", f.Text)
			}
		})
	}
}

// TestHostileFiles: each is read or refused, within bounds of memory.
func TestHostileFiles(t *testing.T) {
	for _, f := range hostileTrees() {
		t.Run(f.Name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, ds := language.Parse("x.yaml", f.Text)
			runtime.ReadMemStats(&after)
			require.NotEmpty(t, ds, "none of these is a runbook")
			require.LessOrEqual(t, len(ds), 201)
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(64), "MiB allocated, garbage included")
		})
	}
}

// TestLargeRunbook: ten thousand steps are no abuse, since a run of as many is
// promised; much more than that is one.
func TestLargeRunbook(t *testing.T) {
	of := func(n int, step string) []byte {
		var b strings.Builder
		b.WriteString("irctl: v1\nname: large\nsteps:\n")
		for i := range n {
			fmt.Fprintf(&b, step, i)
		}
		return []byte(b.String())
	}
	for _, step := range []string{
		"- id: s%d\n  manual: Look.\n  owner: a\n  timeout: 1h\n",
		"- uses: email.suspend\n  target: mail\n  with:\n    notice: x%d\n",
		"- id: s%05d\n  uses: exec\n  timeout: 1m\n  with: {argv: [/bin/true]}\n",
		"- wait: 1s\n  when: inputs.a == %d && steps.b.status == 'succeeded'\n",
	} {
		rb, ds := language.Parse("large.yaml", of(10_000, step))
		require.Empty(t, ds)
		require.Len(t, rb.Steps, 10_000)
	}
	rb, ds := language.Parse("large.yaml", of(13_000, "- wait: %ds\n"))
	require.NotNil(t, rb)
	require.Len(t, ds, 1)
	require.Equal(t, "large.yaml:12004:3: the runbook has more than 12000 steps", ds[0].Span.String()+": "+ds[0].Summary)
}

// TestPatternsAreBounded: what a pattern stands for counts, not how it is
// written.
func TestPatternsAreBounded(t *testing.T) {
	found := func(inputs string) []string {
		_, ds := language.Parse("x.yaml", []byte("irctl: v1\nname: x\ninputs:\n"+inputs+"steps: [{wait: 1s}]\n"))
		var out []string
		for _, d := range ds {
			out = append(out, d.Code+" "+d.Summary)
		}
		return out
	}
	require.Empty(t, found("  a: {pattern: '^(INC|CHG)-[0-9]{1,8}(, [a-z]{2,40}){0,9}$'}\n"))
	require.Equal(t, []string{"IR0118 the pattern has 1001 bytes, the most is 1000"}, found("  a: {pattern: '"+strings.Repeat("a", 1001)+"'}\n"))
	require.Equal(t, []string{"IR0118 the pattern is too large: with its repetitions written out it has more than 1000 parts"}, found("  a: {pattern: '(abcde){1,300}'}\n"))
	var many strings.Builder
	for i := range 60 {
		fmt.Fprintf(&many, "  a%d: {pattern: '(a?b){1,100}'}\n", i)
	}
	require.Contains(t, found(many.String()), "IR0109 the patterns of the file have more than 10000 parts together")
}
