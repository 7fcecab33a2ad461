package realtest

import (
	"errors"
	"os/exec"
)

// RunAs cannot be had here; nobody is root on Windows, so it is never asked.
func RunAs(cmd *exec.Cmd, _ string) { cmd.Err = errors.ErrUnsupported }

func GiveTo(string, string) error { return errors.ErrUnsupported }

func IDs(string) (uid, gid int, err error) { return 0, 0, errors.ErrUnsupported }
