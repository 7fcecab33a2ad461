//go:build unix

package host_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

var open = action.Allow{Loopback: true}

// via is a config that leads to a server. More wins.
func via(s *realtest.SSHD, more map[string]any) action.Values {
	v := map[string]any{
		"ssh": "127.0.0.1", "user": s.User, "port": int64(s.Port()), "identity": s.Identity(), "known_hosts": s.KnownHosts(), "config": "/dev/null",
	}
	for k, x := range more {
		v[k] = x
	}
	return action.Values{"via": v}
}

// to is a host behind ssh that is closed when the test ends.
func to(t *testing.T, s *realtest.SSHD, more map[string]any) *host.Host {
	t.Helper()
	h, err := host.New(via(s, more), open)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

func here(t *testing.T) *host.Host {
	t.Helper()
	h, err := host.New(nil, open)
	require.NoError(t, err)
	return h
}

func TestACommandRunsThereAsHere(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			out := &actiontest.Sink{}
			dir := t.TempDir()
			res, err := h.Run(t.Context(), process.Command{
				Argv:  []string{"sh", "-c", `read -r line; echo "$line/$TOKEN/$PLAIN/$LC_ALL/$(pwd -P)"; echo words >&2; exit 3`},
				Dir:   dir,
				Env:   map[string]any{"TOKEN": action.NewSecret(`a "secret" $x\`), "PLAIN": "it's"},
				Stdin: action.NewSecret("from stdin\n"), Success: []int{3},
			}, out)
			require.NoError(t, err)
			real, err := filepath.EvalSymlinks(dir)
			require.NoError(t, err)
			require.Equal(t, process.Result{ExitCode: 3, Stdout: `from stdin/a "secret" $x\/it's/C/` + real + "\n", Stderr: "words\n"}, res)
			require.Equal(t, []string{res.Stdout, res.Stderr}, []string{out.Stream("stdout"), out.Stream("stderr")})
		})
	}
}

// TestNoSecretIsAnArgument looks at every argument list on the machine, since
// both ends are on it.
func TestNoSecretIsAnArgument(t *testing.T) {
	h := to(t, realtest.StartSSHD(t), nil)
	res, err := h.Run(t.Context(), process.Command{
		Argv:  []string{"sh", "-c", `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' '`},
		Env:   map[string]any{"TOKEN": action.NewSecret("lonely-canary-env")},
		Stdin: action.NewSecret("lonely-canary-stdin"), Max: 4 << 20,
	}, nil)
	if _, statErr := os.Stat("/proc/self/cmdline"); statErr != nil {
		return // there is no such list to read on this system
	}
	require.NoError(t, err)
	require.Contains(t, res.Stdout, "cat /proc/", "the list holds the command itself")
	require.NotContains(t, res.Stdout, "lonely-canary")
}

func TestArbitraryArgumentsArriveUnchanged(t *testing.T) {
	h := to(t, realtest.StartSSHD(t), nil)
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abc '\"\\$`!*?[]{}()<>|&;#~=%\n\t\r\x01\x7fäß漢🙂-")
	for range 25 {
		var want []string
		for range 1 + random.IntN(6) {
			var b strings.Builder
			for range random.IntN(20) {
				b.WriteRune(letters[random.IntN(len(letters))])
			}
			want = append(want, b.String())
		}
		argv := append([]string{"sh", "-c", `for a; do printf '%s\0' "$a"; done`, "sh"}, want...)
		res, err := h.Run(t.Context(), process.Command{Argv: argv}, nil)
		require.NoError(t, err)
		require.Equal(t, want, strings.Split(strings.TrimSuffix(res.Stdout, "\x00"), "\x00"))
	}
}

func TestQuoting(t *testing.T) {
	for want, argv := range map[string][]string{
		"postfix reload":       {"postfix", "reload"},
		"'' ' '":               {"", " "},
		`'it'\''s'`:            {"it's"},
		`'$(id)' '; rm' '~' a`: {"$(id)", "; rm", "~", "a"},
		"'a\nb'":               {"a\nb"},
	} {
		require.Equal(t, want, host.Quote(argv))
	}
}

func TestWhenTheContextEndsTheCommandEndsThere(t *testing.T) {
	h := to(t, realtest.StartSSHD(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	pidFile := filepath.Join(dir, "pid")
	begun := &actiontest.Sink{}
	ended := make(chan error, 1)
	go func() {
		// The child ignores the hang-up and stays in the group.
		_, err := h.Run(ctx, process.Command{Argv: []string{"sh", "-c", `echo $$ >"$1.new"; mv "$1.new" "$1"; sleep 600; true`, "sh", pidFile}}, begun)
		ended <- err
	}()
	require.Eventually(t, func() bool { _, err := os.Stat(pidFile); return err == nil }, eventually, often)
	cancel()
	err := <-ended
	require.True(t, action.IsDoubtful(err), "%v", err)
	pid, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	res, err := h.Run(t.Context(), process.Command{Argv: []string{"sh", "-c", `ps -o stat= -g "$1" | grep -v Z`, "sh", strings.TrimSpace(string(pid))}, Success: []int{0, 1}}, nil)
	require.NoError(t, err)
	require.Empty(t, res.Stdout, "nothing of its process group is left")
}

func TestCommandsShareOneConnection(t *testing.T) {
	s := realtest.StartSSHD(t)
	h := to(t, s, nil)
	before := strings.Count(s.Log(), "Accepted publickey")
	for range 3 {
		_, err := h.Output(t.Context(), "true")
		require.NoError(t, err)
	}
	require.Equal(t, before+1, strings.Count(s.Log(), "Accepted publickey"))
	h.Close()
	_, err := h.Output(t.Context(), "true")
	require.NoError(t, err, "a host can be used after Close")
	require.Equal(t, before+2, strings.Count(s.Log(), "Accepted publickey"))
}

// attempt is the id of an attempt that no other test process has: what ends an
// attempt looks at every process of the machine.
func attempt(of string) string { return fmt.Sprintf("run%d.%x:%s", os.Getpid(), begun.UnixNano(), of) }

var begun = time.Now()

// TestWhatAnEarlierAttemptLeftThereEndsFirst leaves a process in a session of
// its own on the other machine, as a driver that was killed does, and one that
// has no environment and no parent left either.
func TestWhatAnEarlierAttemptLeftThereEndsFirst(t *testing.T) {
	s := realtest.StartSSHD(t)
	var as process.Attempts
	t.Cleanup(as.Close)
	run := func(id string, doubted []string, text string) string {
		ctx, done := as.Begin(t.Context(), id, doubted)
		defer done()
		res, err := to(t, s, nil).Run(ctx, process.Command{Argv: []string{"sh", "-c", text}}, nil)
		require.NoError(t, err)
		return strings.TrimSpace(res.Stdout)
	}
	left := run(attempt("step:1."), nil, `setsid sh -c 'trap "" TERM; while :; do sleep 600; done' >/dev/null 2>&1 & echo $!
		env -i sh -c '(setsid sh -c "trap \"\" TERM HUP; echo \$\$; exec >/dev/null; while :; do sleep 600; done" 2>/dev/null &)'`)
	pids := strings.Join(strings.Fields(left), ",")
	require.Len(t, strings.Fields(left), 2, left)
	alive := `ps -o stat= -p ` + pids + ` | grep -v Z; true`
	require.Len(t, strings.Fields(run(attempt("step:10."), []string{attempt("step:2.")}, alive)), 2, "another attempt is not touched")
	require.Empty(t, run(attempt("step:2."), []string{attempt("step:1.")}, alive), "both have ended before the command runs")
}
