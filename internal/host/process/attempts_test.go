//go:build linux

package process_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// asDriver makes this binary a driver that runs the command which it names.
const (
	asDriver    = "PROCESS_TEST_AS_DRIVER"
	runOfDriver = "PROCESS_TEST_RUN"
)

// attempt is the id of an attempt that no other test process has: what ends an
// attempt looks at every process of the machine.
func attempt(of string) string { return run + ":" + of }

// run is that of the test also in the driver which it starts.
var run = cmp.Or(os.Getenv(runOfDriver), fmt.Sprintf("run%d.%x", os.Getpid(), time.Now().UnixNano()))

func TestMain(m *testing.M) {
	text := os.Getenv(asDriver)
	if text == "" {
		os.Exit(m.Run())
	}
	var as process.Attempts
	ctx, _ := as.Begin(context.Background(), attempt("before:1."), nil)
	_, _ = sh(":").Run(ctx, nil)
	ctx, done := as.Begin(context.Background(), attempt("ended:1."), nil)
	c := sh(`sleep 600 >/dev/null 2>&1 & echo $! >"$FIFO.stays"`)
	c.Env = map[string]any{"FIFO": os.Getenv("FIFO")}
	_, _ = c.Run(ctx, nil)
	done()
	c.Argv[2] = text
	ctx, _ = as.Begin(context.Background(), attempt("step:1."), nil)
	_, _ = c.Run(ctx, nil)
}

// escapes are ways out of an attempt: each begins a shell with a text and its
// arguments, in a session of its own.
var escapes = map[string]string{
	"a session":                        `setsid sh -c`,
	"a session and no environment":     `setsid env -i sh -c`,
	"no environment and two parents":   `env -i sh -c '(setsid sh -c "$@" &)' sh`,
	"no inherited files, nothing else": `env -i setsid sh -c 'exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; cd /; (exec sh -c "$@" &)' sh`,
}

// escaped is a child that got out in a way, ignores TERM and holds the FIFO open
// as long as it lives.
func escaped(way string) string {
	return escapes[way] + ` 'trap "" TERM HUP; exec 3>"$0"; echo $$ >&3; while :; do sleep 600; done' "$FIFO" & `
}

// fifo returns a reader that ends when nobody holds the FIFO open any more.
func fifo(t *testing.T, path string) *bufio.Reader {
	t.Helper()
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return bufio.NewReader(lazily{path, new(*os.File)})
}

type lazily struct {
	path string
	f    **os.File
}

func (l lazily) Read(b []byte) (int, error) {
	if *l.f == nil {
		f, err := os.Open(l.path) // waits for a writer
		if err != nil {
			return 0, err
		}
		*l.f = f
	}
	return (*l.f).Read(b)
}

func TestWhatGotOutEndsWhenTheTimeIsUp(t *testing.T) {
	for way := range escapes {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "fifo")
			r := fifo(t, path)
			ctx, cancel := context.WithCancel(t.Context())
			var as process.Attempts
			defer as.Close()
			ctx, done := as.Begin(ctx, attempt("cut "+way+":1."), nil)
			defer done()
			c := sh(escaped(way) + "wait; sleep 600")
			c.Env, c.Grace = map[string]any{"FIFO": path}, 200*time.Millisecond
			ended := make(chan error, 1)
			go func() { _, err := c.Run(ctx, nil); ended <- err }()
			_, err := r.ReadString('\n')
			require.NoError(t, err)
			cancel()
			err = <-ended
			require.True(t, action.IsDoubtful(err))
			require.EqualError(t, err, "sh was ended because it was told to stop")
			_, err = io.ReadAll(r)
			require.NoError(t, err, "nobody is left who holds it open")
		})
	}
}

// TestASweepSparesWhoMakesIt: a process that ends what is left of an attempt is
// not ended by that, even if it is marked itself.
func TestASweepSparesWhoMakesIt(t *testing.T) {
	var as process.Attempts
	defer as.Close()
	ctx, done := as.Begin(t.Context(), attempt("nested:1."), nil)
	defer done()
	sweep := process.Remains{Attempts: []string{attempt("nested:1.")}, Grace: 100 * time.Millisecond}.Command()
	c := sh(`sleep 600 >/dev/null 2>&1 & "$@" <"$INPUT"; echo alive`)
	c.Argv = append(c.Argv, sweep.Argv...)
	input := filepath.Join(t.TempDir(), "input")
	require.NoError(t, os.WriteFile(input, []byte(sweep.Stdin.Reveal()), 0o600))
	c.Env = map[string]any{"INPUT": input}
	res, err := c.Run(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, "alive\n", res.Stdout)
}

// TestAnEmptiedEnvironmentHidesNoProcessOfTheGroup: the mark goes with the
// environment; the process group does not.
func TestAnEmptiedEnvironmentHidesNoProcessOfTheGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	r := fifo(t, path)
	var as process.Attempts
	defer as.Close()
	ctx, done := as.Begin(t.Context(), attempt("step:1."), nil)
	defer done()
	c := sh(`(env -i sh -c 'trap "" TERM HUP; exec 3>"$0"; echo $$ >&3; while :; do sleep 600; done' "$FIFO" >/dev/null 2>&1 &); cat`)
	c.Env = map[string]any{"FIFO": path}
	open, err := c.Open(ctx)
	require.NoError(t, err)
	_, err = r.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, as.End(t.Context(), []string{attempt("step:1.")}))
	_, err = io.ReadAll(r)
	require.NoError(t, err, "nobody is left who holds it open")
	_, _ = io.ReadAll(open.Stdout)
	_, _ = io.ReadAll(open.Stderr)
	require.Error(t, open.Wait())
}

func TestWhatIsNotOfTheAttemptStays(t *testing.T) {
	var as process.Attempts
	defer as.Close()
	ctx, done := as.Begin(t.Context(), attempt("step:1."), nil)
	res, err := sh(`sleep 600 >/dev/null 2>&1 & echo $!`).Run(ctx, nil)
	require.NoError(t, err)
	done()
	pid, err := strconv.Atoi(strings.TrimSpace(res.Stdout))
	require.NoError(t, err)
	require.NoError(t, as.End(t.Context(), []string{attempt("step:10."), attempt("other:1.")}))
	require.NoError(t, syscall.Kill(pid, 0), "another attempt's process lives")
	require.NoError(t, as.End(t.Context(), []string{attempt("step:1.")}))
	gone(t, pid)
}

// TestAConnectionOfAnAttemptEndsWithIt: also a program that somebody talks to by
// its streams is found, whatever it has left behind in a session of its own.
func TestAConnectionOfAnAttemptEndsWithIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	r := fifo(t, path)
	var as process.Attempts
	defer as.Close()
	ctx, done := as.Begin(t.Context(), attempt("step:1."), nil)
	defer done()
	c := sh(escaped("no environment and two parents") + "cat")
	c.Env = map[string]any{"FIFO": path}
	open, err := c.Open(ctx)
	require.NoError(t, err)
	_, err = r.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, as.End(t.Context(), []string{attempt("step:1.")}))
	_, err = io.ReadAll(r)
	require.NoError(t, err, "nobody is left who holds it open")
	_, _ = io.ReadAll(open.Stdout)
	_, _ = io.ReadAll(open.Stderr)
	require.Error(t, open.Wait())
}

func TestChildrenEndWithADriverThatIsKilled(t *testing.T) {
	for way := range escapes {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "fifo")
			r := fifo(t, path)
			self, err := os.Executable()
			require.NoError(t, err)
			driver := exec.Command(self)
			driver.Env = append(os.Environ(), asDriver+"="+escaped(way)+"wait; sleep 600", "FIFO="+path, runOfDriver+"="+run+way)
			require.NoError(t, driver.Start())
			_, err = r.ReadString('\n')
			require.NoError(t, err)
			require.NoError(t, driver.Process.Kill())
			_ = driver.Wait()
			_, err = io.ReadAll(r)
			require.NoError(t, err, "what the attempt under way had started is gone")
			text, err := os.ReadFile(path + ".stays")
			require.NoError(t, err)
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(pid, 0), "what an attempt that had ended left running on purpose stays")
			require.NoError(t, (&process.Attempts{}).End(t.Context(), []string{run + way + ":ended:1."}))
			gone(t, pid)
		})
	}
}
