//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// BenchmarkFleet looks at 100 machines, changes them and looks again, with a
// journal of it all. In turn clush and Ansible make the change alone, fifty
// machines at a time as irctl does. What the servers use of the processors counts
// for each. Every ssh has a session of its own, as it has under irctl: the kernel
// shares processors out by sessions (sched(7), the autogroup feature).
func BenchmarkFleet(b *testing.B) {
	const machines = 100
	clush, err := exec.LookPath("clush")
	require.NoError(b, err, "make bench-fleet installs it")
	ansible, err := exec.LookPath("ansible")
	require.NoError(b, err, "make bench-fleet installs it")
	f := newFleet(b, machines)
	var all, inventory []string
	for n := 1; n <= machines; n++ {
		all = append(all, address(n))
		inventory = append(inventory, fmt.Sprintf("m%d ansible_host=%s", n, address(n)))
	}
	hosts := f.write("hosts", strings.Join(inventory, "\n")+"\n")
	apart := f.write("ssh", "#!/bin/sh\nexec setsid ssh \"$@\"\n")
	require.NoError(b, os.Chmod(apart, 0o700))
	// The change of a machine is named by its address, which the server tells.
	change := f.write("each", `sh `+f.path("change")+` m$(echo $SSH_CONNECTION | awk '{split($3, a, "."); print (a[3]-1)*250+a[4]-1}')`+"\n")
	contenders := map[string]func() *exec.Cmd{
		"irctl": func() *exec.Cmd {
			cmd := child.Command(b, b.TempDir(), []string{"IRCTL_ENV=" + f.path("environment.yaml")}, "run", f.path("fleet.yaml"), "--yes")
			return cmd
		},
		"clush": func() *exec.Cmd {
			return exec.Command(clush, "-S", "-O", "ssh_path=setsid ssh", "-f", "50", "-w", strings.Join(all, ","), "-o", "-F "+f.path("ssh_config"), "sh "+change)
		},
		"ansible": func() *exec.Cmd {
			cmd := exec.Command(ansible, "all", "-i", hosts, "-f", "50", "-m", "command", "-a", "sh "+change, "--ssh-common-args", "-F "+f.path("ssh_config"))
			cmd.Env = append(os.Environ(), "HOME="+f.dir, "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3", "ANSIBLE_SSH_EXECUTABLE="+apart)
			return cmd
		},
	}
	wall, cpu := map[string]time.Duration{}, map[string]time.Duration{}
	rounds := 0
	for b.Loop() {
		for _, name := range []string{"irctl", "clush", "ansible"} {
			f.describe(machines, "")
			cmd := contenders[name]()
			out := f.stream("out")
			cmd.Stdout, cmd.Stderr = out, out
			before := f.serving()
			start := time.Now()
			err := cmd.Run()
			wall[name] += time.Since(start)
			said := f.said(out)
			require.NoError(b, err, "%s: %s", name, said)
			cpu[name] += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() + f.serving() - before
			for n := 1; n <= machines; n++ {
				require.Equal(b, 1, f.changed(n), "%s m%d: %s", name, n, said)
			}
		}
		rounds++
	}
	b.ReportMetric(0, "ns/op")
	for _, name := range []string{"irctl", "clush", "ansible"} {
		b.ReportMetric(wall[name].Seconds()/float64(rounds), name+"-seconds")
		b.ReportMetric(cpu[name].Seconds()/float64(rounds), name+"-cpu-seconds")
	}
	b.ReportMetric(float64(wall["irctl"])/float64(wall["clush"]), "x-clush")
	b.ReportMetric(float64(cpu["irctl"])/float64(cpu["clush"]), "x-clush-cpu")
}

// serving is what the servers and those that they have waited for have used of the
// processors (proc(5), /proc/pid/stat, fields 14 to 17).
func (f *fleet) serving() (used time.Duration) {
	const tick = time.Second / 100 // USER_HZ
	for _, cmd := range f.servers {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "stat"))
		require.NoError(f.t, err)
		_, after, _ := strings.Cut(string(text), ") ")
		for _, field := range strings.Fields(after)[11:15] {
			n, err := strconv.Atoi(field)
			require.NoError(f.t, err)
			used += time.Duration(n) * tick
		}
	}
	return used
}
