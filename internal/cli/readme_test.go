package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

const root = "../.."

func readme(t *testing.T) string {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// fences returns the README's code blocks of a language.
func fences(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// reader follows the README in a folder of their own.
type reader struct {
	t    *testing.T
	exe  string
	dir  string
	home string
}

func newReader(t *testing.T) *reader {
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	r := &reader{t: t, exe: filepath.Join(dir, "irctl"), dir: dir, home: filepath.Join(dir, "home")}
	if os.Link(self, r.exe) != nil { // under this name the test binary is irctl
		binary, err := os.ReadFile(self)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(r.exe, binary, 0o700))
	}
	t.Cleanup(func() { _, _ = lab.Down(t.Context(), filepath.Join(r.home, "lab")) })
	return r
}

func (r *reader) irctl(args ...string) (code int, output string) {
	cmd := exec.CommandContext(r.t.Context(), r.exe, args...)
	cmd.Dir = r.dir
	cmd.Env = []string{
		"IRCTL_HOME=" + r.home, "HOME=" + r.dir, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1", "TMPDIR=" + os.TempDir(),
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(r.t, err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// TestReadmeCommandsWork types every irctl command of the README, in order.
func TestReadmeCommandsWork(t *testing.T) {
	text := readme(t)
	r := newReader(t)
	require.NoError(t, os.Mkdir(filepath.Join(r.dir, "runbooks"), 0o700))
	for _, source := range fences(text, "yaml") {
		require.NoError(t, os.WriteFile(filepath.Join(r.dir, "runbooks", "my-plan.yaml"), []byte(source), 0o600))
	}
	// Off a terminal a run that needs a yes ends with 4, where the README's
	// reader answers; doctor and ready find that the new environment's systems are
	// not there.
	wants := map[string][]int{"run": {4}, "rollback": {4}, "doctor": {1}, "ready": {1}}
	id := regexp.MustCompile(`\b01[0-9A-Z]{24}\b`)
	run, typed := "", 0
	for _, block := range fences(text, "sh") {
		for _, line := range strings.Split(block, "\n") {
			command, _, _ := strings.Cut(line, " #")
			words := strings.Fields(strings.ReplaceAll(command, "RUN", run))
			if len(words) == 0 || words[0] != "irctl" {
				continue
			}
			if words[1] == "approve" {
				words[3] = "decide/" + strings.TrimPrefix(words[3], "decide/")
			}
			want, ok := wants[words[1]]
			if !ok {
				want = []int{0}
			}
			code, output := r.irctl(words[1:]...)
			require.True(t, slices.Contains(want, code), "%s: %d\n%s", line, code, output)
			typed++
			if words[1] == "run" {
				run = id.FindString(output)
			}
			if words[1] == "approve" { // the run was not waiting on a terminal
				code, output = r.irctl("resume", run)
				require.Zero(t, code, output)
			}
			switch strings.Join(words[1:], " ") {
			case "lab probe mail":
				require.Contains(t, output, "451")
			case "lab probe portal":
				require.Contains(t, output, "503")
				require.Contains(t, output, "Western Union")
			case "lab probe login alice":
				require.Contains(t, output, "Invalid Credentials")
			}
		}
	}
	require.Greater(t, typed, 12, "the README shows more commands than that")
}

func TestReadmeExitTableIsTheProgramsOwn(t *testing.T) {
	code, output := newReader(t).irctl("help", "exit-codes")
	require.Zero(t, code)
	squeezed := strings.Join(strings.Fields(output), " ")
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \|$`).FindAllStringSubmatch(readme(t), -1)
	require.Len(t, rows, 10)
	for _, row := range rows {
		require.Contains(t, squeezed, row[1]+" "+row[2])
	}
}

// TestReadmeNamesWhatThereIs holds the README's rooms, commands and targets
// against the repository.
func TestReadmeNamesWhatThereIs(t *testing.T) {
	text := readme(t)
	for _, m := range regexp.MustCompile(`\b(?:cmd|internal|pkg)/[a-z/]+`).FindAllString(text, -1) {
		require.DirExists(t, filepath.Join(root, strings.TrimSuffix(m, "/")), m)
	}
	for _, layer := range []string{"internal", "pkg"} {
		folders, err := os.ReadDir(filepath.Join(root, layer))
		require.NoError(t, err)
		for _, f := range folders {
			require.True(t, strings.Contains(text, layer+"/"+f.Name()), "the README does not show %s/%s", layer, f.Name())
		}
	}
	for _, name := range regexp.MustCompile("`irctl ([a-z]+)").FindAllStringSubmatch(text, -1) {
		code, _ := newReader(t).irctl("help", name[1])
		require.Zero(t, code, "irctl %s", name[1])
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, target := range []string{"build", "check", "demo", "company", "test", "lint", "bench", "fuzz", "golden", "dist", "dist-check", "bare-debian"} {
		require.Contains(t, string(makefile), "\n"+target+":")
		require.Contains(t, text, target)
	}
}
