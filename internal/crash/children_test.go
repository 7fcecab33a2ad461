//go:build linux

package crash

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// lingering is a step whose command starts a process in a session of its own,
// which ignores TERM. Once there was one, it says whether that still runs.
const lingering = `irctl: v1
name: lingering
title: A step that starts something
steps:
  - id: work
    uses: exec
    idempotent: true
    with:
      env: {AT: %q}
      shell: |
        if [ -e "$AT/pid" ]; then
          case $(cat "/proc/$(cat "$AT/pid")/stat" 2>/dev/null) in
            "" | *") Z "*) echo alone >"$AT/seen" ;;
            *) echo beside >"$AT/seen" ;;
          esac
          exit 0
        fi
        setsid sh -c 'trap "" TERM; exec 3>"$AT/fifo"; echo $$ >"$AT/pid"; echo up >&3; while :; do sleep 600; done' &
        wait
`

// TestChildrenOfADeadDriverAreEnded kills irctl with SIGKILL while a step runs:
// what the step started ends with it, and if nobody was left to do that, before
// the step is tried again.
func TestChildrenOfADeadDriverAreEnded(t *testing.T) {
	for _, alone := range []bool{true, false} {
		t.Run(fmt.Sprintf("with the process that irctl leaves behind: %t", alone), func(t *testing.T) {
			at := t.TempDir()
			require.NoError(t, syscall.Mkfifo(filepath.Join(at, "fifo"), 0o600))
			file := filepath.Join(at, "lingering.yaml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, lingering, at), 0o600))
			home := t.TempDir()
			cmd := child.Command(t, home, nil, "run", file)
			require.NoError(t, cmd.Start())
			fifo, err := os.Open(filepath.Join(at, "fifo")) // waits for the step
			require.NoError(t, err)
			defer func() { _ = fifo.Close() }()
			held := bufio.NewReader(fifo)
			_, err = held.ReadString('\n')
			require.NoError(t, err)
			if !alone {
				killChildren(t, cmd.Process.Pid, "while IFS= read")
			}
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait()
			if alone {
				_, err = io.ReadAll(held)
				require.NoError(t, err, "it has ended, although nobody resumed the run")
			}
			out, err := child.Command(t, home, nil, "resume", latest(t, home)).CombinedOutput()
			require.NoError(t, err, "%s", out)
			_, err = io.ReadAll(held)
			require.NoError(t, err)
			seen, err := os.ReadFile(filepath.Join(at, "seen"))
			require.NoError(t, err)
			require.Equal(t, "alone\n", string(seen), "the second attempt runs beside nothing of the first")
		})
	}
}

// killChildren kills the children of a process that say something in their
// arguments.
func killChildren(t *testing.T, parent int, argument string) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	require.NoError(t, err)
	killed := 0
	for _, list := range tasks {
		pids, err := os.ReadFile(list)
		require.NoError(t, err)
		for _, pid := range strings.Fields(string(pids)) {
			line, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if n, err := strconv.Atoi(pid); err == nil && strings.Contains(string(line), argument) {
				require.NoError(t, syscall.Kill(n, syscall.SIGKILL))
				killed++
			}
		}
	}
	require.Equal(t, 1, killed)
}
