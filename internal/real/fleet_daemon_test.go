//go:build unix

package real

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/realtest"
)

// fleet is machines that are servers of ssh, one process for each, on addresses
// of loopback. What they share is the disk of this machine: each has files of its
// own there.
type fleet struct {
	*office
	first   *realtest.SSHD // the keys of all are its
	port    int
	program string
	servers map[int]*exec.Cmd // by the number of the machine
}

// newFleet has machines with the numbers from 1 on.
func newFleet(t testing.TB, machines int) *fleet {
	t.Helper()
	f := &fleet{office: newOffice(t, "    {type: linux-user}\n"), first: realtest.StartSSHD(t), program: realtest.Need(t, "sshd"), servers: map[int]*exec.Cmd{}}
	f.port = f.first.Port()
	require.NoError(t, os.Mkdir(f.path("state"), 0o700))
	key, err := os.ReadFile(f.first.File("host_key.pub"))
	require.NoError(t, err)
	var known strings.Builder
	for n := 1; n <= machines; n++ {
		fmt.Fprintf(&known, "[%s]:%d %s", address(n), f.port, key)
	}
	f.write("known_hosts", known.String())
	f.write("ssh_config", fmt.Sprintf("Host *\n  Port %d\n  User %s\n  IdentityFile %s\n  IdentitiesOnly yes\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile none\n  BatchMode yes\n",
		f.port, f.first.User, f.first.Identity(), f.path("known_hosts")))
	for n := 1; n <= machines; n++ {
		f.start(n)
	}
	t.Cleanup(func() {
		for n := range f.servers {
			f.stop(n)
		}
	})
	f.describe(machines, "")
	return f
}

// address is that of a machine, apart from those that other tests use.
func address(n int) string { return fmt.Sprintf("127.77.%d.%d", 1+n/250, 1+n%250) }

// at is where a machine listens.
func (f *fleet) at(n int) string { return net.JoinHostPort(address(n), strconv.Itoa(f.port)) }

// start starts the server of a machine, with more lines than the others'.
func (f *fleet) start(n int, more ...string) {
	f.t.Helper()
	conf, err := os.ReadFile(f.first.File("sshd_config"))
	require.NoError(f.t, err)
	text := strings.Join(more, "\n") + "\n" + strings.ReplaceAll(string(conf), "ListenAddress "+realtest.Loopback, "ListenAddress "+address(n))
	file := f.write(fmt.Sprintf("sshd_config.%d", n), text+"LogLevel QUIET\n")
	cmd := exec.Command(f.program, "-D", "-f", file)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	require.NoError(f.t, cmd.Start())
	f.servers[n] = cmd
	require.Eventually(f.t, func() bool {
		conn, err := net.Dial("tcp", f.at(n))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 5*time.Millisecond)
}

// stop ends the server of a machine.
func (f *fleet) stop(n int) {
	if cmd := f.servers[n]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		delete(f.servers, n)
	}
}

// describe writes the environment and the runbook that suspends the mail of all
// machines. The file of a machine gets a line whenever it is changed. After is what
// else a change does then, as a text for sh in which $1 is the machine.
func (f *fleet) describe(machines int, after string) {
	f.t.Helper()
	change := f.write("change", "echo suspended >>"+f.path("state")+"/$1\n"+after+"\n")
	var env strings.Builder
	env.WriteString("irctl: v1\nkind: environment\nname: fleet\nallow: {loopback: true}\ntargets:\n")
	var names []string
	for n := 1; n <= machines; n++ {
		name := fmt.Sprintf("m%d", n)
		names = append(names, name)
		require.NoError(f.t, os.WriteFile(filepath.Join(f.path("state"), name), []byte("running\n"), 0o600))
		fmt.Fprintf(&env, `  %[1]s:
    type: command
    config: {via: {ssh: %[2]s, config: %[3]s}, timeout: 20s}
    actions:
      email:
        status: {argv: [cat, %[4]s/%[1]s], suspended_when: {stdout_contains: suspended}}
        suspend: {argv: [sh, %[5]s, %[1]s]}
        restore: {argv: [truncate, -s, "8", %[4]s/%[1]s]}
`, name, address(n), f.path("ssh_config"), f.path("state"), change)
	}
	f.write("environment.yaml", env.String())
	f.write("fleet.yaml", `irctl: v1
name: fleet
title: Suspend the mail of all machines
owner: oncall@example.com
steps:
  - id: all
    title: All machines
    foreach: [`+strings.Join(names, ", ")+`]
    as: machine
    max_parallel: 50
    do:
      - {id: mail, title: Suspend the mail, uses: email.suspend, target: "${{ machine }}", timeout: 12s, on_failure: continue}
`)
}

// changed is how often a machine was changed.
func (f *fleet) changed(n int) int {
	text, err := os.ReadFile(filepath.Join(f.path("state"), fmt.Sprintf("m%d", n)))
	require.NoError(f.t, err)
	return strings.Count(string(text), "suspended")
}

// peak is the most that an irctl had at a time.
type peak struct {
	files, processes int // open files, children
	memory           int // bytes
}

// watched runs irctl to a good end and looks meanwhile how much it has.
func (f *fleet) watched(args ...string) (most peak) {
	f.t.Helper()
	cmd := child.Command(f.t, f.path("home"), []string{"IRCTL_ENV=" + f.path("environment.yaml"), "HOME=" + f.dir}, args...)
	out := f.stream("stdout")
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(f.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for every := time.Tick(50 * time.Millisecond); ; {
		select {
		case err := <-ended:
			require.NoError(f.t, err, f.said(out))
			if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				most.memory = int(used.Maxrss) << 10
			}
			return most
		case <-every:
			files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
			children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cmd.Process.Pid))
			processes := 0
			for _, name := range children {
				text, _ := os.ReadFile(name)
				processes += len(strings.Fields(string(text)))
			}
			most.files, most.processes = max(most.files, len(files)), max(most.processes, processes)
		}
	}
}
