package process

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOutputIsReadWhereNothingTellsOfTheEnd: before 5.4, Linux has no handles of
// processes to wait for beside streams.
func TestOutputIsReadWhereNothingTellsOfTheEnd(t *testing.T) {
	var stdout, stderr strings.Builder
	cmd := exec.Command("sh", "-c", "echo out; exec 1>&-; echo err >&2; sleep 0.1; echo more >&2")
	s, err := connect(cmd, &stdout, &stderr)
	require.NoError(t, err)
	defer s.close()
	require.NoError(t, cmd.Start())
	s.started()
	s.follow(-1, cmd.Process.Pid, time.Minute, func() *time.Time { return nil })
	require.True(t, gone(cmd.Process.Pid))
	require.NoError(t, cmd.Wait())
	require.Equal(t, "out\n", stdout.String())
	require.Equal(t, "err\nmore\n", stderr.String())
}
