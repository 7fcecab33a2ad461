package realtest

import (
	"errors"
	"os/exec"
)

// runAs cannot be had here; nobody is root on Windows, so it is never asked.
func runAs(cmd *exec.Cmd, _ string) { cmd.Err = errors.ErrUnsupported }

func giveTo(string, string) error { return errors.ErrUnsupported }

func idsOf(string) (uid, gid int, err error) { return 0, 0, errors.ErrUnsupported }
