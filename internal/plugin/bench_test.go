//go:build unix

package plugin

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

// BenchmarkCall is a look by each of the example plugins, beside the same program
// with the same lines as a bare process, in turn.
func BenchmarkCall(b *testing.B) {
	for _, language := range []string{"sh", "py", "go"} {
		b.Run(language, func(b *testing.B) {
			h := host(b)
			folder := doors(b)
			path := put(b, h, "door", example(b, language))
			e, err := h.Describe(b.Context(), Entry{Path: path})
			require.NoError(b, err)
			a := h.action(e, e.Actions[0]).(action.Inspector)
			var in strings.Builder
			for _, s := range transcript(b, folder) {
				if s.toPlugin && !strings.Contains(s.text, `"recorded"`) {
					in.WriteString(strings.NewReplacer(`"type":"run"`, `"type":"inspect"`, `,"secrets":["target.config.pin"]`, "").Replace(s.text) + "\n")
				}
			}
			var call, bare time.Duration
			for b.Loop() {
				begun := time.Now()
				seen, err := a.Inspect(b.Context(), request(folder))
				call += time.Since(begun)
				require.NoError(b, err)
				require.Equal(b, "open", seen.Current)

				cmd := exec.CommandContext(b.Context(), path)
				cmd.Env, cmd.Stdin = append(cmd.Environ(), "IRCTL_PLUGIN=1"), strings.NewReader(in.String())
				begun = time.Now()
				out, err := cmd.Output()
				bare += time.Since(begun)
				require.NoError(b, err)
				require.Contains(b, string(out), "open")
			}
			ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
			b.ReportMetric(ms(call), "call-ms")
			b.ReportMetric(ms(bare), "bare-ms")
			b.ReportMetric(float64(call)/float64(bare), "x-bare")
		})
	}
}
