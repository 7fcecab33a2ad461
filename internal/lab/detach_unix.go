//go:build unix

package lab

import (
	"os/exec"
	"syscall"
)

// detach gives a command a session of its own, so that neither the terminal's
// end nor its Ctrl-C reaches it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
