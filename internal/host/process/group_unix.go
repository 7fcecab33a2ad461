//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// everybody is the permission of all accounts to write.
const everybody = 0o002

// own gives the command a session and process group of its own. A group alone
// would leave it the terminal as a background job, and one that asks for a
// password there would hang, stopped; without a terminal it fails at once.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

func stop(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
