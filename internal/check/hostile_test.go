package check_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/pkg/runbook"
)

// hostile are runbooks that the language allows and that are made to cost
// much: each has some thousand mistakes, or steps that each rule has to hold
// against all others.
func hostile() map[string]string {
	steps := func(n int, line string) string {
		var b strings.Builder
		b.WriteString("irctl: v1\nname: x\ntitle: X\nowner: oncall@example.com\nsteps:\n")
		for i := range n {
			b.WriteString(strings.ReplaceAll(line, "@", fmt.Sprint(i)))
		}
		return b.String()
	}
	return map[string]string{
		"unknown-steps":  steps(5000, "- {id: s@, manual: \"${{ steps.zz@.status }}\"}\n"),
		"unknown-vars":   steps(3000, "- {set: {v@: 1}}\n- {manual: \"${{ vars.zz@ }}\"}\n"),
		"unknown-jumps":  steps(5000, "- {id: s@, wait: 1s, next: zz@}\n"),
		"unknown-inputs": steps(4000, "- {uses: email.suspend, target: a, with: {zz@: 1}}\n"),
		"jumps-back":     steps(5000, "- {id: s@, wait: 1s, next: s0}\n"),
		"agreed":         steps(3000, "- {approve: {text: a, roles: [b]}}\n- {uses: email.suspend, target: t@}\n"),
		"told":           steps(3000, "- {uses: notify.webhook, target: a, with: {text: b}}\n- {uses: email.suspend, target: t@}\n"),
		"sessions":       steps(2500, "- {uses: sessions.revoke, target: a, with: {account: b}}\n- {uses: credentials.rotate, target: a, with: {account: b}}\n"),
		"same-target":    steps(1, "- parallel:\n"+strings.Repeat("  - {uses: email.suspend, target: a}\n  - {uses: email.restore, target: a}\n", 2500)),
		"ignored":        steps(5000, "- {wait: 1s} # irctl: ignore IR0310 it is known\n"),
	}
}

// TestHostileRunbooks: what is said of them ends, and so does what they cost.
func TestHostileRunbooks(t *testing.T) {
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			rb, parsed := runbook.Parse("x.yaml", []byte(src))
			require.Empty(t, parsed)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			found := check.Runbook(rb, deps())
			runtime.ReadMemStats(&after)
			require.NotEmpty(t, found)
			require.LessOrEqual(t, len(found), 602, "errors, warnings, and comments about them")
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(64), "MiB allocated, garbage included")
		})
	}
}

func TestWhatIsTooMuchIsLeftOut(t *testing.T) {
	last := func(src string) (int, string) {
		rb, parsed := runbook.Parse("x.yaml", []byte(src))
		require.Empty(t, parsed)
		found := check.Runbook(rb, deps())
		return len(found), found[len(found)-1].Code
	}
	n, code := last("irctl: v1\nname: x\ntitle: X\nowner: o\nsteps:\n" + strings.Repeat("- {manual: a}\n", 150))
	require.Equal(t, []any{201, check.TooMuchToReview}, []any{n, code})
	n, code = last("irctl: v1\nname: x\ntitle: X\nowner: o\nsteps:\n" + strings.Repeat("- {uses: nope}\n", 250))
	require.Equal(t, []any{201, "IR0124"}, []any{n, code})
}

func BenchmarkHostile(b *testing.B) {
	for name, src := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rb, _ := runbook.Parse("x.yaml", []byte(src))
				check.Runbook(rb, deps())
			}
		})
	}
}
