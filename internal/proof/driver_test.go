//go:build unix

package proof

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneDriver: of two processes that resume a run at once, one drives it and
// the other one says who does. Everybody can look meanwhile.
func TestOneDriver(t *testing.T) {
	host, err := os.Hostname()
	require.NoError(t, err)
	for round := range 4 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			g := p.gate("gate")
			book := p.write("slow.yaml", `irctl: v1
name: slow
title: Wait at a gate
steps:
  - {id: ask, manual: Say when.}
  - {id: slow, uses: exec, with: {argv: [cat, `+g.path+`]}, timeout: 1h}
`)
			p.must(4, "run", book)
			run := p.run()
			p.must(0, "done", run, "ask")

			a, b := p.start("resume", run), p.start("resume", run)
			g.reached(a, b)
			driver, other := a, b
			select {
			case <-a.ended:
				driver, other = b, a
			case <-b.ended:
			}
			refused := other.end()
			require.Equal(t, 6, refused.code, refused.text())
			require.Empty(t, refused.stdout)
			require.Contains(t, refused.stderr, fmt.Sprintf("process %d on %s", driver.cmd.Process.Pid, host))
			require.Regexp(t, `since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`, refused.stderr)
			require.Contains(t, refused.stderr, "irctl status "+run)

			s := p.status()
			require.Equal(t, "running", s.Status)
			require.Equal(t, map[string]string{"ask": "succeeded", "slow": "running"}, s.steps())
			seen := p.must(0, "status", run)
			require.Contains(t, seen.stdout, "slow  running")
			require.Contains(t, p.must(0, "list").stdout, run)
			require.Contains(t, p.must(0, "audit", "show", run).stdout, "slow  running")
			require.Equal(t, "intact", p.verify().Verdict)

			g.open()
			require.Equal(t, 0, driver.end().code, driver.end().text())
			require.Equal(t, "succeeded", p.status().Status)
			require.Equal(t, "intact", p.verify().Verdict)
		})
	}
}
