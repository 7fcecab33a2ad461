//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPostfixKilledAfterEachOfItsCommands: with two messages on hold by somebody
// else and one more in the queue, irctl dies after the first, the second ... of
// Postfix's own commands. Resumed, it judges by the state, verify included, and
// the rollback puts back exactly what was there.
func TestPostfixKilledAfterEachOfItsCommands(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	p.Submit(t, "held too")
	var also string
	require.Eventually(t, func() bool {
		_, free := p.Queue(t)
		for _, id := range free {
			if id != p.waiting {
				also = id
			}
		}
		return also != ""
	}, time.Minute, 20*time.Millisecond)
	p.Hold(t, also)

	before := p.state(t)
	for n := 1; ; n++ {
		o := p.office(t, "")
		o.env = []string{"PATH=" + deadly(t, n) + ":" + os.Getenv("PATH")}
		run := o.irctl("run", suspendMail(o))
		o.env = nil
		if !run.killed {
			require.Zero(t, run.code, run.text())
			require.Greater(t, n, 3, "it died after each command that changes something")
		} else {
			o.must("resume", o.status().Run)
		}
		require.Equal(t, "succeeded", o.status().Status)
		require.Equal(t, 450, p.Send(t, "refused"))
		held, free := p.Queue(t)
		require.Len(t, held, 3)
		require.Empty(t, free)
		o.must("rollback", o.status().Run)
		require.Equal(t, before, p.state(t), "killed after command %d", n)
		if !run.killed {
			return
		}
	}
}

// deadly is a folder of Postfix's commands of which the one that is run as the
// nth kills irctl when it has done its work.
func deadly(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"postfix", "postsuper", "postqueue"} {
		at, err := exec.LookPath(name)
		require.NoError(t, err)
		script := fmt.Sprintf(`#!/bin/sh
echo >>DIR/count
n=$(wc -l <DIR/count)
%s "$@"; code=$?
[ "$n" -ne %d ] || kill -9 $PPID
exit $code
`, at, n)
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(strings.ReplaceAll(script, "DIR", dir)), 0o700))
	}
	return dir
}
