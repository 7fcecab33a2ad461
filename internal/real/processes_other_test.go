//go:build unix && !linux

package real

import "os/exec"

// withAll changes nothing: a test that needs it needs Linux too.
func withAll(cmd *exec.Cmd) *exec.Cmd { return cmd }
