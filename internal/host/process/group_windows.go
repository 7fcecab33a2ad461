package process

import (
	"os/exec"
	"strconv"
	"syscall"
)

// everybody is not told by the permissions of a file here.
const everybody = 0

// own keeps a Ctrl-C typed at irctl from reaching the command by itself.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stop ends the command with its children. Windows has no signal that asks.
func stop(cmd *exec.Cmd) error {
	err := exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	if err != nil {
		return cmd.Process.Kill()
	}
	return nil
}

// kill has nothing left to do: stop was not a request.
func kill(*exec.Cmd) {}
