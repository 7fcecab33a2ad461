package login

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// machine is what ps prints while irctl, signed in as carol, looks: alice has a
// session with a terminal and one without, and one more whose sign-in goes on.
const machine = `77
    1     0     0 Ss   init
   10     1     0 Ss   sshd: /usr/sbin/sshd -D [listener] 1 of 10-100 startups
   20    10     0 Ss   sshd: alice [priv]
   21    20  1000 S    sshd: alice@pts/0
   22    21  1000 Ss   -sh
   23    22  1000 S+   vi notes of alice@example.com
   30    10     0 Ss   sshd-session: alice [priv]
   31    30  1000 S    sshd-session: alice@notty
   40    10     0 Ss   sshd: alice [priv]
   41    40   105 S    sshd: alice [net]
   50    10     0 Ss   sshd: alice2 [priv]
   60    10     0 Z    [sshd] <defunct>
   70    10     0 Ss   sshd: carol [priv]
   71    70  1001 S    sshd: carol@notty
   77    71  1001 R    ps -eo pid=,ppid=,ruid=,stat=,args=
   80     1  1000 S    sleep sshd: alice@
`

func TestSessions(t *testing.T) {
	all, ours, ok := parseProcs(machine)
	require.True(t, ok)
	require.Equal(t, map[int]bool{77: true, 71: true, 70: true, 10: true}, ours)
	require.Equal(t, [][]int{{20, 21, 22, 23}, {30, 31}}, sshSessions(all, ours, "alice"))
	require.Empty(t, sshSessions(all, ours, "carol"), "irctl does not end what it acts through")
	require.Empty(t, sshSessions(all, ours, "ali"))
	require.Empty(t, sshSessions(all, ours, ".*"))
	require.NotContains(t, all, proc{pid: 60, parent: 10, args: "[sshd] <defunct>"})
}

func TestWhatPsPrintsMustBeWhole(t *testing.T) {
	for _, text := range []string{"", "77\n", "x\n1 0 0 Ss init\n", "77\n1 0 0 Ss init\n", "77\n77 1 0\n", "77\n77 1 zero R ps\n"} {
		_, _, ok := parseProcs(text)
		require.False(t, ok, "%q", text)
	}
}
