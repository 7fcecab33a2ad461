package realtest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// dieWithTest has the kernel end the process when the test is killed, so that
// no daemon is left behind. Linux counts the death of the thread that started
// it (prctl(2), PR_SET_PDEATHSIG), so the calling goroutine keeps its thread
// until release.
func dieWithTest(cmd *exec.Cmd) (release func()) {
	runtime.LockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return runtime.UnlockOSThread
}
