//go:build unix

package shell_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host/shell"
)

// start is a shell of this machine, run by one of its programs.
func start(t *testing.T, program ...string) *shell.Shell {
	t.Helper()
	s := raw(t, append(program, "-c", shell.Script)...)
	_, err := s.Ready()
	require.NoError(t, err)
	return s
}

func raw(t *testing.T, argv ...string) *shell.Shell {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var once sync.Once
	kill := func() {
		once.Do(func() {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = in.Close()
			_ = out.Close()
			_ = errs.Close()
		})
	}
	t.Cleanup(func() { kill(); _ = cmd.Wait() })
	return shell.New(in, out, errs, kill)
}

func run(t *testing.T, s *shell.Shell, text, input string) (string, string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code, err := s.Run(shell.Command{Text: text, Input: input, Stdout: &out, Stderr: &errs, Grace: time.Minute})
	require.NoError(t, err)
	return out.String(), errs.String(), code
}

// TestCommandsOneAfterTheOther: with any shell that may be a machine's sh.
func TestCommandsOneAfterTheOther(t *testing.T) {
	for _, program := range [][]string{{"dash"}, {"bash", "--posix"}, {"busybox", "sh"}, {"sh"}} {
		if _, err := exec.LookPath(program[0]); err != nil {
			t.Logf("%s is not here", program[0])
			continue
		}
		t.Run(program[0], func(t *testing.T) {
			s := start(t, program...)
			random := make([]byte, 1<<20)
			_, _ = rand.Read(random)
			for range 2 {
				out, errs, code := run(t, s, `echo "a  b"; printf 'no newline' >&2; exit 3`, "")
				require.Equal(t, []any{"a  b\n", "no newline", 3}, []any{out, errs, code})
				out, errs, code = run(t, s, "exec cat", string(random))
				require.True(t, out == string(random), "any bytes")
				require.Equal(t, []any{"", 0}, []any{errs, code})
				out, _, code = run(t, s, "exit 7", string(random))
				require.Equal(t, []any{"", 7}, []any{out, code}, "an input that nobody reads")
				out, _, _ = run(t, s, "head -c 3; sleep 0 & wait", strings.Repeat("x", 100))
				require.Equal(t, "xxx", out)
				out, errs, code = run(t, s, "", "")
				require.Equal(t, []any{"", "", 0}, []any{out, errs, code}, "a question whether somebody is there")
				out, _, _ = run(t, s, "cat; echo \"$0/$text/$n\"", "")
				require.Equal(t, "sh//\n", out, "no input, and nothing of the shell's own")
				_, _, code = run(t, s, "kill -KILL $$", "")
				require.Equal(t, 128+9, code)
			}
		})
	}
}

func TestEachCommandHasAGroupOfItsOwn(t *testing.T) {
	s := start(t, "sh")
	groups := map[string]bool{}
	for range 3 {
		out, _, _ := run(t, s, `echo $$; ps -o pgid= -p $$`, "")
		words := strings.Fields(out)
		require.Len(t, words, 2)
		require.Equal(t, words[0], words[1])
		groups[words[0]] = true
	}
	require.Len(t, groups, 3)
}

// TestWhatACommandLeavesRunningReachesNoOtherOutput: it holds the outputs, so the
// command counts as ended when its grace is over, and the shell is not used again.
func TestWhatACommandLeavesRunningReachesNoOtherOutput(t *testing.T) {
	s := start(t, "sh")
	var out bytes.Buffer
	code, err := s.Run(shell.Command{Text: `echo begun; sleep 30 & echo $! >&2; exit 4`, Stdout: &out, Grace: 50 * time.Millisecond})
	require.NoError(t, err)
	require.Equal(t, []any{4, "begun\n", true}, []any{code, out.String(), s.Broken()})
	s = start(t, "sh")
	_, _, _ = run(t, s, "sleep 30 >/dev/null 2>&1 & exit 0", "")
	require.False(t, s.Broken(), "one that lets go of them is nobody's business")
}

func TestACommandThatWasCutOffIsNotRun(t *testing.T) {
	dir := t.TempDir()
	for _, sent := range []string{"abc", "abc\n0\n", "abc\n0\ntouch DIR/done", "abc\n0\ntouch DIR/done\n", "abc\n0\ntouch DIR/done\nab"} {
		cmd := exec.Command("sh", "-c", shell.Script)
		cmd.Stdin = strings.NewReader(strings.ReplaceAll(sent, "DIR", dir))
		_ = cmd.Run()
		require.NoFileExists(t, dir+"/done", "%q", sent)
	}
	cmd := exec.Command("sh", "-c", shell.Script)
	cmd.Stdin = strings.NewReader(fmt.Sprintf("abc\n0\ntouch %s/done\nabc\n", dir))
	require.NoError(t, cmd.Run())
	require.FileExists(t, dir+"/done")
}

func TestWhoIsNoShellIsToldApart(t *testing.T) {
	for name, text := range map[string]string{
		"ends":                  "echo no >&2; exit 1",
		"talks without an end":  "yes",
		"greets on one stream":  `printf '\nirctl-is-here\n'`,
		"complains with no end": "yes >&2",
	} {
		t.Run(name, func(t *testing.T) {
			s := raw(t, "sh", "-c", text)
			said, err := s.Ready()
			require.ErrorIs(t, err, shell.ErrLost)
			require.Less(t, len(said), 65<<10)
			require.True(t, s.Broken())
		})
	}
}

func TestAShellThatIsLostOrLies(t *testing.T) {
	greet := `printf '\nirctl-is-here\n'; printf '\nirctl-is-here\n' >&2; `
	for name, text := range map[string]string{
		"ends":               "read -r n",
		"says no number":     `read -r n; printf '\n%s:x\n\n%s.\n' $n $n >&2; printf '\n%s.\n' $n`,
		"says it backwards":  `read -r n; printf '\n%s.\n' $n >&2; printf '\n%s.\n' $n`,
		"says a long number": `read -r n; printf '\n%s:99999999999999999999\n\n%s.\n' $n $n >&2; printf '\n%s.\n' $n`,
	} {
		t.Run(name, func(t *testing.T) {
			s := raw(t, "sh", "-c", greet+text)
			_, err := s.Ready()
			require.NoError(t, err)
			_, err = s.Run(shell.Command{Text: "true", Grace: time.Minute})
			require.ErrorIs(t, err, shell.ErrLost)
			require.True(t, s.Broken())
		})
	}
}
