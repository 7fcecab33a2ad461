package environment_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAProgramThatIsCutOffLeavesNothingBehind: not its children
// either. setsid(1) and /proc are of Linux.
func TestAProgramThatIsCutOffLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	env := grouped(t, "{command: [./list.sh, "+dir+"]}", map[string]string{"list.sh": "#!/bin/sh\nmkfifo $1/alive\nsetsid sh -c 'exec 3<>$0/alive; echo $$ >$0/pid; exec sleep 600' $1 >/dev/null 2>&1 &\nwait\n"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for ctx.Err() == nil {
			if text, err := os.ReadFile(filepath.Join(dir, "pid")); err == nil && len(text) > 0 {
				return
			}
		}
	}()
	_, err := env.Gather(ctx, true)
	require.Error(t, err)
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	require.NoError(t, err)
	state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
	require.True(t, err != nil || strings.Contains(string(state), ") Z "), "%s", state)
}
