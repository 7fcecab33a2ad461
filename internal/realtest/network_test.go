package realtest

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANetworkOfOnesOwn(t *testing.T) {
	n := StartNetwork(t, "victim", "responder-with-a-long-name")
	victim := n.Machine("victim")
	gate := StartSSHDOn(t, victim)
	require.Equal(t, victim.Address, gate.Host())
	require.Contains(t, gate.Run(t, "ip -brief address show eth0"), victim.Address+"/28", "sshd stands there")
	require.Contains(t, n.Machine("responder-with-a-long-name").Run(t, "ssh-keyscan", "-p", "20000", victim.Address), "ssh-ed25519", "one reaches the other")
	require.NoError(t, exec.Command("ssh-keyscan", "-p", "20000", victim.Address).Run(), "this machine reaches it")

	other := StartNetwork(t, "victim")
	require.NotEqual(t, n.Here, other.Here)
	require.NotEqual(t, victim.Namespace, other.Machines[0].Namespace)
	require.Error(t, other.Machines[0].Command("ssh-keyscan", "-T", "1", "-p", "20000", victim.Address).Run(), "two networks are apart")
}

func TestADaemonIsStartedAgainWhereItWas(t *testing.T) {
	s := StartSSHD(t)
	pid, port := s.PID(), s.Port()
	s.Restart(t)
	require.NotEqual(t, pid, s.PID())
	require.Equal(t, port, s.Port())
	require.Equal(t, "here\n", s.Run(t, "echo here"))
}
