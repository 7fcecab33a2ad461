package real

import (
	"os/exec"
	"syscall"
)

// withAll has the kernel end all that the program has started when it ends
// itself, and before anybody is told so: they are in a namespace of processes
// of their own (pid_namespaces(7)), of which it is the first. It needs root,
// and a program that handles SIGTERM. The group is its own too: a signal that it
// sends to its group must not reach the test.
func withAll(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Setpgid: true}
	return cmd
}
