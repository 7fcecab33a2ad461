//go:build unix

package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// TestATimeLimitReachesOnFailure: what may be tried again has timed out, so what
// the runbook says of failures follows. Of the rest nobody can tell, until a
// person says that it did not happen and is not to be tried again.
func TestATimeLimitReachesOnFailure(t *testing.T) {
	for _, idempotent := range []bool{true, false} {
		t.Run(fmt.Sprintf("idempotent: %t", idempotent), func(t *testing.T) {
			at, home := t.TempDir(), t.TempDir()
			file := filepath.Join(at, "limit.yaml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `irctl: v1
name: limit
title: A step that takes too long
steps:
  - {id: slow, uses: exec, with: {shell: "trap 'exit 0' TERM; while :; do sleep 0.01; done"}, timeout: 200ms, idempotent: %t, on_failure: {next: handler}}
  - {id: between, uses: exec, with: {argv: [touch, %q]}}
  - {id: handler, uses: exec, with: {argv: [touch, %q]}}
`, idempotent, filepath.Join(at, "between"), filepath.Join(at, "handled")), 0o600))
			out, err := child.Command(t, home, nil, "run", file).CombinedOutput()
			code, _, err := child.Ended(err)
			require.NoError(t, err)
			if !idempotent {
				require.Equal(t, 7, code, "%s", out)
				require.NoFileExists(t, filepath.Join(at, "handled"))
				code, out = failed(t, home, "slow")
			}
			require.Zero(t, code, "%s", out)
			require.FileExists(t, filepath.Join(at, "handled"))
			require.NoFileExists(t, filepath.Join(at, "between"))
		})
	}
}

// failed says of a step in doubt that it did not happen and is not to be tried
// again, and goes on.
func failed(t *testing.T, home, step string) (code int, out []byte) {
	t.Helper()
	run := latest(t, home)
	out, err := child.Command(t, home, nil, "resolve", run, step, "--failed", "--reason", "it is not in the log").CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = child.Command(t, home, nil, "resume", run).CombinedOutput()
	code, _, err = child.Ended(err)
	require.NoError(t, err)
	return code, out
}

// latest is the only run of a home.
func latest(t *testing.T, home string) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(home, "runs", "*", "journal.jsonl"))
	require.NoError(t, err)
	require.Len(t, runs, 1)
	return filepath.Base(filepath.Dir(runs[0]))
}
