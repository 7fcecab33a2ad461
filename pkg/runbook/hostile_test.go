package runbook_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/runbook"
)

// hostile are files of a megabyte that are made to cost much.
func hostile() map[string][]byte {
	fill := func(head, unit string) []byte {
		return []byte(head + strings.Repeat(unit, (1<<20-len(head))/len(unit)))
	}
	// Just below the bound on marks.
	below := func(head, unit string, marks int) []byte {
		return []byte(head + strings.Repeat(unit, 74_900/marks))
	}
	return map[string][]byte{
		"below-map":       below("{", "a,", 1),
		"below-list":      below("[", "a,", 1),
		"below-entries":   below("", "- a\n", 1),
		"below-empty":     below("", "-\n", 1),
		"below-nested":    below("[", "[[[[a]]]],", 5),
		"below-keys":      below("[", "{aaaa: b},", 3),
		"below-dates":     below("", "- 2001-01-01\n", 4),
		"below-times":     below("", "- 2001-01-01T00:00:00Z\n", 4),
		"below-numbers":   below("", "- 1234567\n", 1),
		"below-comments":  below("a:\n", "- b\n#\n\n", 5),
		"below-trailing":  below("a:\n", "- b #\n\n", 5),
		"below-inside":    below("a: [", "b #\n,", 5),
		"below-pairs":     below("a: [", "b: c,", 2),
		"below-anchors":   below("", "- &a b\n", 1),
		"below-tags":      below("", "- !a b\n", 1),
		"below-questions": below("", "? a\n", 1),
		"open-lists":      fill("", "["),
		"open-maps":       fill("", "{"),
		"open-pairs":      fill("", "{a: "),
		"nested-entries":  fill("", "- "),
		"nested-keys":     fill("", "? "),
		"deep-indent":     deep(1400),
		"list-of-letters": fill("[", "a,"),
		"map-of-letters":  fill("{", "a,"),
		"long-flow":       fill("[", "a,\n"),
		"sequence":        fill("", "-\n"),
		"same-keys":       fill("", "a:\n"),
		"colons":          fill("", ":"),
		"colons-apart":    fill("", ": "),
		"one-word":        fill("", "a"),
		"one-text":        fill(`a: "`, "b "),
		"one-block":       fill("a: |\n", " b\n"),
		"one-fold":        fill("a: >\n", " b\n"),
		"plain-lines":     fill("a:\n", " b\n"),
		"escapes":         fill(`a: "`, `\u00e9`),
		"comments":        fill("a: b\n", "#\n"),
		"comments-apart":  fill("a:\n", "- b\n#\n\n"),
		"comments-inside": fill("[", "#\n"),
		"long-comment":    fill("a: b #", "c"),
		"blank-lines":     fill("a: b", "\n"),
		"spaces":          fill("a:", " "),
		"anchors":         fill("", "- &a\n"),
		"aliases":         fill("- &a b\n", "- *a\n"),
		"laughs":          []byte("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"),
		"tags":            fill("", "- !a\n"),
		"one-tag":         fill("- !", "a"),
		"documents":       fill("", "---\na\n"),
		"quotes":          fill("", `"`),
		"quote-pairs":     fill("", `'' `),
		"wide":            fill("a: ", "\u00e9"),
		"wide-list":       fill("[", "\u00e9,"),
		"numbers":         fill("[", "1,"),
		"dates":           fill("", "- 2001-01-01\n"),
		"tabs":            fill("a:", "\t"),
		"unknown-keys":    unknownKeys(),
		"long-keys":       fill("irctl: v1\n", strings.Repeat("k", 1000)+": 1\n"),
		"wrong-steps":     fill("irctl: v1\nname: a\nsteps:\n", "- {a: 1}\n"),
		"steps":           fill("irctl: v1\nname: a\nsteps:\n", "- {uses: x, with: {a: 1}, on_failure: y}\n"),
		"directives":      fill("", "%A\n"),
		"zeros":           fill("", "\x00"),
	}
}

func deep(lines int) []byte {
	var b strings.Builder
	for i := range lines {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return []byte(b.String())
}

func unknownKeys() []byte {
	var b strings.Builder
	b.WriteString("irctl: v1\n")
	for i := 0; b.Len() < 1<<20-20; i++ {
		b.WriteString(strings.Repeat("x", i%7) + "k" + strings.Repeat("y", i/7%9) + string(rune('a'+i%26)) + ": 1\n")
	}
	return []byte(b.String())
}

// BenchmarkHostile shows what the worst files cost: the bound is 100 ms and
// 64 MB for each.
func BenchmarkHostile(b *testing.B) {
	for name, src := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = runbook.ParseTree("x.yaml", src)
			}
		})
	}
}

// TestHostileFiles: each is read or refused, within bounds of memory.
func TestHostileFiles(t *testing.T) {
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, ds := runbook.Parse("x.yaml", src)
			runtime.ReadMemStats(&after)
			require.NotEmpty(t, ds, "none of these is a runbook")
			require.LessOrEqual(t, len(ds), 201)
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(64), "MiB allocated, garbage included")
		})
	}
}

// TestLargeRunbook: five thousand steps are no abuse.
func TestLargeRunbook(t *testing.T) {
	var b strings.Builder
	b.WriteString("irctl: v1\nname: large\nsteps:\n")
	for i := range 5_000 {
		fmt.Fprintf(&b, "  - {id: s%d, uses: file.write, with: {path: \"/tmp/%d\", content: \"x\"}}\n", i, i)
	}
	rb, ds := runbook.Parse("large.yaml", []byte(b.String()))
	require.Empty(t, ds)
	require.Len(t, rb.Steps, 5_000)
}
