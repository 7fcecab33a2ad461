//go:build unix

package view

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// guardScript waits for the end of the process that started it, and gives the
// terminal (3) the settings $1 back if it still has $2: a shell that has set
// it right by itself is left alone.
const guardScript = `trap '' HUP INT QUIT TERM TTOU
read -r done || { [ "$(stty -g <&3)" = "$2" ] && stty "$1" <&3; }`

// settings are what stty calls the settings of a terminal; "" if it cannot say.
func settings(tty *os.File) string {
	cmd := exec.Command("stty", "-g")
	cmd.Stdin = tty
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// guard leaves a process behind that gives the terminal its settings of before
// back if this process is killed; release ends it. Without stty there is none.
func guard(tty *os.File, before string) (release func()) {
	raw := settings(tty)
	if before == "" || raw == "" {
		return func() {}
	}
	cmd := exec.Command("/bin/sh", "-c", guardScript, "irctl-terminal", before, raw)
	cmd.ExtraFiles = []*os.File{tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return func() {}
	}
	return func() {
		_, _ = life.Write([]byte("done\n"))
		_ = life.Close()
		_ = cmd.Wait()
	}
}
