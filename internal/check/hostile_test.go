package check_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/language"
)

// TestHostileRunbooks: what is said of them ends, and so does what they cost.
func TestHostileRunbooks(t *testing.T) {
	for _, f := range check.HostileRunbooks() {
		t.Run(f.Name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rb, found := language.Parse("x.yaml", f.Text)
			if rb != nil {
				found, _ = check.Despite(rb, found, check.Runbook(rb, deps()))
			}
			runtime.ReadMemStats(&after)
			require.LessOrEqual(t, len(found), 602, "errors, warnings, and comments about them")
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(mostAllocated), "MiB allocated, garbage included")
		})
	}
}

// mostAllocated is how many MiB one hostile file may make irctl allocate while
// it is read and checked, garbage included.
const mostAllocated = 100

func TestWhatIsTooMuchIsLeftOut(t *testing.T) {
	last := func(src string) (int, string) {
		rb, parsed := language.Parse("x.yaml", []byte(src))
		require.Empty(t, parsed)
		found := check.Runbook(rb, deps())
		return len(found), found[len(found)-1].Code
	}
	n, code := last("irctl: v1\nname: x\ntitle: X\nowner: o\nsteps:\n" + strings.Repeat("- {manual: a}\n", 150))
	require.Equal(t, []any{201, check.TooMuchToReview.ID}, []any{n, code})
	n, code = last("irctl: v1\nname: x\ntitle: X\nowner: o\nsteps:\n" + strings.Repeat("- {uses: nope}\n", 250))
	require.Equal(t, []any{201, "IR0124"}, []any{n, code})
}

func BenchmarkHostile(b *testing.B) {
	for _, f := range check.HostileRunbooks() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rb, found := language.Parse("x.yaml", f.Text); !found.HasErrors() {
					check.Runbook(rb, deps())
				}
			}
		})
	}
}
