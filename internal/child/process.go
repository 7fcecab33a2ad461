//go:build unix

package child

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/outside"
)

// asIrctl is the variable that makes the binary of a test irctl.
const asIrctl = "IRCTL_TEST_AS_IRCTL"

// Main is what TestMain exits with: the status of the tests or, in a process
// that [Command] made, of irctl. There arrange may change the world first; it
// may be nil.
func Main(m *testing.M, arrange func(*outside.World) error) int {
	if os.Getenv(asIrctl) == "" {
		return m.Run()
	}
	w := outside.System()
	err := dieAtPoint(&w)
	if err == nil && arrange != nil {
		err = arrange(&w)
	}
	if err != nil {
		panic(err)
	}
	return cli.Main(w)
}

// Command is irctl with its runs in home and little else of the test's own
// environment. The variables come last, so they win.
func Command(t testing.TB, home string, variables []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append([]string{
		asIrctl + "=1", "IRCTL_HOME=" + home, "HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(),
	}, variables...)
	return cmd
}

// Ended takes what Run or Wait returned apart: the status, and whether the
// process was killed. An error is of a process that did not begin.
func Ended(err error) (code int, killed bool, _ error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false, err
	}
	status := exit.Sys().(syscall.WaitStatus)
	return exit.ExitCode(), status.Signaled() && status.Signal() == syscall.SIGKILL, nil
}
