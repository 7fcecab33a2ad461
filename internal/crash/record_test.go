//go:build unix

package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// TestARecordingThatWasCutOffIsKeptAndSaysSo: the shell itself kills irctl.
func TestARecordingThatWasCutOffIsKeptAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	c := &company{t: t, dir: dir, home: filepath.Join(dir, "home"), env: filepath.Join(dir, "acme.yaml")}
	write := func(file, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	write("secret", "correct-horse\n")
	write("acme.yaml", "irctl: v1\nkind: environment\nname: acme\nsecrets: {mail: {file: "+filepath.Join(dir, "secret")+"}}\n")
	write("wait.yaml", "irctl: v1\nname: wait\nowner: o@example.com\nsteps:\n  - {id: look, manual: Look.}\n")
	require.Equal(t, 4, c.irctl("", "run", "./wait.yaml").code)
	run := latest(t, c.home)

	cmd := child.Command(t, c.home, []string{"IRCTL_ENV=" + c.env}, "record", run, "--", "sh", "-c", "echo looked with correct-horse; kill -9 $PPID; sleep 10")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	_, killed, err := child.Ended(err)
	require.NoError(t, err)
	require.True(t, killed, "%s", out)
	require.NotContains(t, c.look("evidence", "list", run).stdout, ".cast")

	collected := c.look("record", run, "--collect")
	require.Zero(t, collected.code, collected.stderr)
	require.Contains(t, collected.stderr, "was cut off; what was recorded until then is kept")
	whole := c.irctl("", "record", run, "--step", "look", "--", "echo", "twice")
	require.Zero(t, whole.code, whole.stderr)
	left, err := filepath.Glob(filepath.Join(c.home, "recordings", "*"))
	require.NoError(t, err)
	require.Empty(t, left)

	listed := c.look("evidence", "list", run, "-o", "json")
	require.Equal(t, 1, strings.Count(listed.stdout, "CUT OFF: irctl ended before the shell did"), listed.stdout)
	require.Equal(t, 1, strings.Count(listed.stdout, `"whole"`), listed.stdout)
	files, err := filepath.Glob(filepath.Join(c.home, "runs", run, "*", "*"))
	require.NoError(t, err)
	kept := ""
	for _, file := range files {
		if text := readFile(t, file); strings.HasPrefix(text, `{"command"`) {
			kept += text
		}
	}
	require.Contains(t, kept, "looked with [redacted]")
	require.Contains(t, kept, "twice")
	require.NotContains(t, fmt.Sprint(kept, readFile(t, filepath.Join(c.home, "runs", run, "journal.jsonl"))), "correct-horse")
	require.Contains(t, c.look("audit", "show", run).stdout, "A shell is recorded from now on as "+run)
	c.verifies(run)
}
