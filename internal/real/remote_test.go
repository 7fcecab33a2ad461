//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// TestADirectoryBehindSSH: the runbook is the same, only the environment says
// where the directory is reached from.
func TestADirectoryBehindSSH(t *testing.T) {
	gate := realtest.StartSSHD(t)
	d := newDirectory(t, "via: "+gate.Via())
	alice := Person("alice")
	accepted := func() int { return strings.Count(gate.Log(), "Accepted publickey") }
	before := accepted()

	d.must("run", d.rotate(), "--input", "account=alice")
	require.Greater(t, accepted(), before)
	require.True(t, d.slapd.Accepts(t, alice, d.stored()))
	require.False(t, d.slapd.Accepts(t, alice, Password("alice")))

	d.must("run", d.disable(), "--input", "account=alice")
	require.Equal(t, []string{Disabled}, d.slapd.Lock(t, alice))
	d.must("rollback", d.status().Run)
	require.Empty(t, d.slapd.Lock(t, alice))

	gate.Stop()
	e := d.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "ssh to 127.0.0.1: the connection was refused, so nothing was done there")
	require.Contains(t, e.text(), "check that 127.0.0.1 runs an SSH server at this port")
}
