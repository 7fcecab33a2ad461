//go:build unix

package crash

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// TestALivingDriverGoesOnAfterTheLift: a run that is held back by a halt while
// something of it goes on needs nobody once that is lifted, even if the process
// that lifts it dies in doing so.
func TestALivingDriverGoesOnAfterTheLift(t *testing.T) {
	p := &place{company: &company{t: t, dir: t.TempDir()}}
	p.home = filepath.Join(p.dir, "home")
	p.write("first.yaml", `irctl: v1
name: first
title: First
owner: o@example.com
steps:
  - parallel:
      - {id: long, wait: {uses: exec, with: {argv: [test, -e, LIFTED], effect: read}, every: 20ms, for: 5m}}
      - steps:
          - {id: short, wait: {uses: exec, with: {argv: [test, -e, HALTED], effect: read}, every: 20ms, for: 5m}}
          - {id: held, uses: exec, irreversible: it is a test, with: {argv: [touch, LIFTED]}}
`)
	cmd := child.Command(t, p.home, nil, "run", "./first.yaml")
	cmd.Dir = p.dir
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(said)
	until := func(what string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), what) {
				return
			}
		}
		t.Fatalf("it never said %q", what)
	}
	until("started")
	p.says(0, "halt", "--reason", "why")
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "HALTED"), nil, 0o600))
	until("paused")
	require.NoFileExists(t, filepath.Join(p.dir, "LIFTED"))
	require.True(t, p.irctl(child.Disk(2), "halt", "--lift").killed)
	until("held  succeeded")
	for lines.Scan() { // to its end
	}
	require.NoError(t, cmd.Wait())
	require.FileExists(t, filepath.Join(p.dir, "LIFTED"))
	require.Contains(t, p.says(0, "halt"), "Nothing is halted")
}
