package lab

import (
	"os/exec"
	"syscall"
)

// detach takes a command off the console, so that neither the console's end
// nor its Ctrl-C reaches it.
func detach(cmd *exec.Cmd) {
	const detachedProcess = 0x00000008 // Windows: DETACHED_PROCESS
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}
