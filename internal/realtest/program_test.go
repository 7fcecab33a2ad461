package realtest

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheListOfProgramsCanBeRead(t *testing.T) {
	for line := range strings.Lines(programs) {
		if !strings.HasPrefix(line, "#") {
			require.Len(t, strings.Fields(line), 5, "%q; .ci/needs counts on it too", line)
		}
	}
}

func TestAMissingProgramSaysWhatInstallsIt(t *testing.T) {
	_, err := find("# a remark\nno-such-daemon  some-package  other-package  brewed  /nowhere:/usr/nowhere\n", "no-such-daemon")
	require.EqualError(t, err, `no-such-daemon, which this test runs for real, is not on this machine
  get it:       sudo apt-get install --no-install-recommends some-package    (or dnf install other-package, brew install brewed)
  do without:   SKIP_REAL=1 leaves out every test that needs a real program`)
	_, err = find(programs, "unlisted")
	require.ErrorContains(t, err, "programs.txt does not list unlisted")
}

func TestADaemonThatEndsEarlySaysWhy(t *testing.T) {
	d := Daemon{
		Configure: func(Place) error { return nil },
		Command:   func(at Place) *exec.Cmd { return at.Command("/bin/sh", "-c", "echo no such file: slapd.conf; exit 1") },
		Ready:     func(Place) error { return errors.New("nobody answers") },
	}
	_, err := d.start(Place{Dir: t.TempDir(), Ports: []int{1, 2}})
	require.ErrorContains(t, err, "ended before it was ready")
	require.ErrorContains(t, err, "slapd.conf")
}
