//go:build unix

package process_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

func sh(text string) process.Command {
	return process.Command{Argv: []string{"/bin/sh", "-c", text}, Grace: 100 * time.Millisecond}
}

func TestRunKeepsOutputAndShowsIt(t *testing.T) {
	out := &actiontest.Sink{}
	res, err := sh("echo out; echo err >&2").Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, process.Result{Stdout: "out\n", Stderr: "err\n"}, res)
	require.Equal(t, []string{"out\n", "err\n"}, []string{out.Stream("stdout"), out.Stream("stderr")})
}

func TestOutputIsBoundedAndShownWhole(t *testing.T) {
	out := &actiontest.Sink{}
	c := sh("i=0; while [ $i -lt 100 ]; do echo 0123456789; i=$((i+1)); done")
	c.Max = 15
	res, err := c.Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, process.Result{Stdout: "0123456789\n0123", Cut: true}, res)
	require.Len(t, out.Stream("stdout"), 1100)
}

type fullDisk struct{ actiontest.Sink }

func (*fullDisk) Output(string) io.Writer { return broken{} }

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestACommandOutlivesAFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "done")
	c := sh(`echo a; echo b; touch "$FILE"`)
	c.Env = map[string]any{"FILE": file}
	res, err := c.Run(context.Background(), &fullDisk{})
	require.NoError(t, err)
	require.Equal(t, "a\nb\n", res.Stdout)
	require.FileExists(t, file)
}

func TestStdinAndEnvironmentTakeSecrets(t *testing.T) {
	t.Setenv("IRCTL_CANARY", "must stay outside")
	c := sh(`read line; echo "$line/$TOKEN/$PLAIN/$IRCTL_CANARY/${HOME:+home}"`)
	c.Stdin = action.NewSecret("from stdin\n")
	c.Env = map[string]any{"TOKEN": action.NewSecret("from env"), "PLAIN": "plain"}
	res, err := c.Run(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, "from stdin/from env/plain//home\n", res.Stdout)
}

func TestExitCodes(t *testing.T) {
	c := sh("echo 'no such queue\x1b[0m' >&2; exit 3")
	res, err := c.Run(context.Background(), nil)
	require.Equal(t, 3, res.ExitCode)
	require.EqualError(t, err, "sh ended with exit code 3: no such queue␛[0m")
	require.False(t, action.IsDoubtful(err))

	c.Success = []int{0, 3}
	_, err = c.Run(context.Background(), nil)
	require.NoError(t, err)
}

func TestErrorsHideTheArguments(t *testing.T) {
	for _, c := range []process.Command{
		{Argv: []string{"/bin/sh", "-c", "exit 1 # canary"}},
		{Argv: []string{"/nowhere/tool", "canary"}},
		{Argv: []string{"irctl-no-such-program", "canary"}},
		{Argv: []string{"/bin/sh", "-c", "kill -9 $$ # canary"}},
		{Argv: []string{"/bin/sh", "-c", "canary=1"}, Dir: "/nowhere"},
	} {
		_, err := c.Run(context.Background(), nil)
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.NotContains(t, e.Error()+e.Hint, "canary")
	}
}

func TestAProgramThatIsNotThere(t *testing.T) {
	_, err := process.Command{Argv: []string{"irctl-no-such-program"}}.Run(context.Background(), nil)
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, action.Error{Message: "cannot start irctl-no-such-program: there is no such program on this machine", Hint: "install it, or give its whole path", Permanent: true}, *e)
}

func TestAFolderThatIsNotThereIsNamed(t *testing.T) {
	_, err := process.Command{Argv: []string{"ls"}, Dir: "/srv/nope"}.Run(context.Background(), nil)
	require.EqualError(t, err, "cannot start ls in /srv/nope: there is no such folder on this machine")
}

func TestKilledFromOutsideIsInDoubt(t *testing.T) {
	_, err := sh("kill -9 $$").Run(context.Background(), nil)
	require.True(t, action.IsDoubtful(err))
	require.EqualError(t, err, "sh was ended by a signal that irctl did not send (signal: killed)")
}

// started runs a command until it has written its children's ids, then ends it.
func started(t *testing.T, text string) (res process.Result, pids []int, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	type end struct {
		res process.Result
		err error
	}
	ended := make(chan end, 1)
	go func() {
		res, err := sh(text).Run(ctx, pipeSink{&actiontest.Sink{}, w})
		ended <- end{res, err}
	}()
	line := make([]byte, 64)
	n, readErr := r.Read(line)
	require.NoError(t, readErr)
	go func() { _, _ = io.Copy(io.Discard, r) }()
	cancel()
	e := <-ended
	for _, f := range strings.Fields(string(line[:n])) {
		pid, err := strconv.Atoi(f)
		require.NoError(t, err)
		pids = append(pids, pid)
	}
	return e.res, pids, e.err
}

type pipeSink struct {
	*actiontest.Sink
	w io.Writer
}

func (p pipeSink) Output(stream string) io.Writer {
	if stream == "stdout" {
		return p.w
	}
	return io.Discard
}

// gone waits until a process is no more; a killed one may still be a zombie
// that its new parent has not yet buried.
func gone(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err == nil && strings.Contains(string(stat), ") Z ")
	}, 10*time.Second, 5*time.Millisecond)
}

func TestCancelEndsTheWholeGroup(t *testing.T) {
	res, pids, err := started(t, `sleep 600 & echo $$ $!; wait`)
	require.True(t, action.IsDoubtful(err))
	require.EqualError(t, err, "sh was ended because it was told to stop")
	require.Equal(t, -1, res.ExitCode)
	require.Len(t, pids, 2)
	for _, pid := range pids {
		gone(t, pid)
	}
}

func TestCancelKillsWhatDoesNotStop(t *testing.T) {
	_, pids, err := started(t, `trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $$ $!; while :; do sleep 1; done`)
	require.True(t, action.IsDoubtful(err))
	require.EqualError(t, err, "sh was ended because it was told to stop", "irctl sent that signal itself")
	for _, pid := range pids {
		gone(t, pid)
	}
}

// A program may take TERM as the wish to end in order and exit with 0: what it
// was cut off from doing is not done all the same.
func TestCutOffIsNotDoneWhateverTheExitCode(t *testing.T) {
	res, _, err := started(t, `trap 'exit 0' TERM; echo $$; while :; do sleep 0.01; done`)
	require.Equal(t, 0, res.ExitCode)
	require.True(t, action.IsDoubtful(err))
	require.EqualError(t, err, "sh was ended because it was told to stop")
}

func TestAChildThatKeepsThePipeOpenDoesNotHoldTheRun(t *testing.T) {
	before := runtime.NumGoroutine()
	const times = 4
	for range times {
		res, err := sh(`sleep 600 & echo $!`).Run(context.Background(), nil)
		require.NoError(t, err)
		pid, err := strconv.Atoi(strings.TrimSpace(res.Stdout))
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL), "a service that the command started lives on")
	}
	require.Less(t, runtime.NumGoroutine(), before+times, "no goroutine stays behind")
}

func TestNothingStartsWhenTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	file := filepath.Join(t.TempDir(), "touched")
	_, err := process.Command{Argv: []string{"touch", file}}.Run(ctx, nil)
	require.EqualError(t, err, "touch was not started because it was told to stop")
	require.False(t, action.IsDoubtful(err))
	require.NoFileExists(t, file)
}

func TestTheTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := sh("sleep 600").Run(ctx, nil)
	require.EqualError(t, err, "sh was ended because its time was up")
}

func TestArgv(t *testing.T) {
	got, err := process.Argv([]any{"tool", int64(7), true, "; rm -rf /"})
	require.NoError(t, err)
	require.Equal(t, []string{"tool", "7", "true", "; rm -rf /"}, got)
	for _, list := range [][]any{nil, {""}, {"tool", action.NewSecret("canary")}, {"tool", []any{"x"}}, {"tool", nil}, {"tool", "a\x00b"}} {
		_, err := process.Argv(list)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "canary")
	}
}

func TestEnvironmentNamesAreChecked(t *testing.T) {
	for _, name := range []string{"", "A=B", "A\x00"} {
		_, err := process.Command{Argv: []string{"true"}, Env: map[string]any{name: "x"}}.Run(context.Background(), nil)
		require.Error(t, err)
	}
}
