//go:build unix

package real

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestABadMachineCostsOnlyItself: one that hangs, refuses, dies half way or
// answers wrongly; all others are changed, each once.
func TestABadMachineCostsOnlyItself(t *testing.T) {
	const machines = 20
	f := newFleet(t, machines)
	bad := map[int]string{}
	listen := func(n int, why string, serve func(net.Conn)) {
		f.stop(n)
		l, err := net.Listen("tcp", f.at(n))
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				t.Cleanup(func() { _ = conn.Close() })
				serve(conn)
			}
		}()
		bad[n] = why
	}
	listen(1, "hangs", func(net.Conn) {})
	f.stop(2)
	bad[2] = "refuses"
	listen(3, "speaks no ssh", func(conn net.Conn) {
		_, _ = conn.Write([]byte(strings.Repeat("hello\r\n", 1000)))
		_ = conn.Close()
	})
	for n, forced := range map[int]string{4: "echo hello", 5: "yes", 6: "exit 1", 7: "sleep 600"} {
		f.stop(n)
		f.start(n, "ForceCommand "+forced)
		bad[n] = "answers wrongly"
	}
	// The connection of m8 is cut when it has been changed: a look settles that. All
	// of m9 is gone then: nobody can tell, and it counts as failed.
	f.describe(machines, fmt.Sprintf(`case $1 in
m8|m9)
	[ $1 = m8 ] || kill -9 %d
	p=$$; while [ "$(ps -o comm= -p $p)" != sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done
	kill -9 $p ;;
esac`, f.servers[9].Process.Pid))
	e := f.irctl("run", f.path("fleet.yaml"), "--yes")
	require.Zero(t, e.code, "each step goes on without: %s", e.text())
	got := map[string]string{}
	for _, s := range f.status().Steps {
		got[s.Path] = s.Status
	}
	for n := 1; n <= machines; n++ {
		path, want := fmt.Sprintf("all[m%d]/mail", n), "succeeded"
		if bad[n] != "" {
			want = "failed"
		}
		if n == 9 {
			bad[n] = "is gone half way"
			want = "failed"
		}
		require.Equal(t, want, got[path], "%s %s: %v\n%s", path, bad[n], got, e.text())
		if bad[n] == "" || n == 9 {
			require.Equal(t, 1, f.changed(n), path)
		} else {
			require.Zero(t, f.changed(n), path)
		}
	}
}

// TestAFleetKilledInTheMiddleIsChangedOnce: kill -9 while fifty machines are acted
// on, once and again while that is resumed.
func TestAFleetKilledInTheMiddleIsChangedOnce(t *testing.T) {
	const machines = 100
	f := newFleet(t, machines)
	f.killed("effect all[m20]/mail", "run", f.path("fleet.yaml"), "--yes")
	f.killed("effect all[m80]/mail", "resume", f.status().Run)
	e := f.irctl("resume", f.status().Run)
	require.Zero(t, e.code, e.text())
	require.Equal(t, "succeeded", f.status().Status)
	for n := 1; n <= machines; n++ {
		require.Equal(t, 1, f.changed(n), "m%d", n)
	}
	e = f.irctl("audit", "verify", f.status().Run)
	require.Zero(t, e.code, e.text())
}

// TestAThousandMachinesInBoundedMemoryAndDescriptors: what is open at a time does
// not grow with the fleet.
func TestAThousandMachinesInBoundedMemoryAndDescriptors(t *testing.T) {
	const machines = 1000
	f := newFleet(t, machines)
	peak := f.watched("run", f.path("fleet.yaml"), "--yes")
	require.Equal(t, "succeeded", f.status().Status)
	for n := 1; n <= machines; n++ {
		require.Equal(t, 1, f.changed(n), "m%d", n)
	}
	t.Logf("peak: %+v", peak)
	require.Less(t, peak.files, 1024)
	require.Less(t, peak.processes, 200, "of ssh, fifty at work and those that are kept")
	require.Less(t, peak.memory, 512<<20)
}
