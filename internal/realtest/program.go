package realtest

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed programs.txt
var programs string

// SkipReal is the variable that leaves tests with real programs out.
const SkipReal = "SKIP_REAL"

// Need returns the path of a program that programs.txt lists. The test fails
// if the program is missing, and is skipped if SKIP_REAL=1.
func Need(t testing.TB, program string) string {
	t.Helper()
	if os.Getenv(SkipReal) == "1" {
		t.Skipf("%s=1: left out, because it runs %s for real", SkipReal, program)
	}
	path, err := find(programs, program)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Find returns the path of a program that programs.txt lists.
func Find(program string) (string, error) { return find(programs, program) }

// find looks a program up in a list like programs.txt and then on this
// machine.
func find(list, program string) (string, error) {
	for line := range strings.Lines(list) {
		columns := strings.Fields(line)
		if len(columns) != 5 || columns[0] != program {
			continue
		}
		if path, err := exec.LookPath(program); err == nil {
			return path, nil
		}
		for _, folder := range strings.Split(columns[4], ":") {
			candidates, err := filepath.Glob(filepath.Join(folder, program))
			if err != nil {
				return "", fmt.Errorf("internal/realtest/programs.txt: the folder %s of %s: %w", folder, program, err)
			}
			for _, c := range candidates {
				if path, err := exec.LookPath(c); err == nil {
					return path, nil
				}
			}
		}
		return "", missing(columns)
	}
	return "", fmt.Errorf("internal/realtest/programs.txt does not list %s: add it, so that .ci/needs installs it", program)
}

// missing says how to get a program.
func missing(columns []string) error {
	var ways []string
	for i, install := range []string{"sudo apt-get install --no-install-recommends ", "dnf install ", "brew install "} {
		if packages := columns[i+1]; packages != "-" {
			ways = append(ways, install+strings.ReplaceAll(packages, ",", " "))
		}
	}
	get := ways[0]
	if len(ways) > 1 {
		get += "    (or " + strings.Join(ways[1:], ", ") + ")"
	}
	return fmt.Errorf("%s, which this test runs for real, is not on this machine\n"+
		"  get it:       %s\n"+
		"  do without:   %s=1 leaves out every test that needs a real program",
		columns[0], get, SkipReal)
}

// needRoot fails a test that only root can run. Leaving it out in silence would
// look as if it had passed. Call it behind Need, which leaves tests out when
// SKIP_REAL asks for that.
func NeedRoot(t testing.TB, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatalf("%s needs root: run the tests as root (sudo make test), or leave out those with real programs (make test %s=1)", what, SkipReal)
	}
}
