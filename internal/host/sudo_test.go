//go:build linux

package host_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

// sudo is a program in the place of the system's, since a test may not write
// its rules: it takes the same arguments and acts, or refuses, in its way.
func sudo(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sudo"), []byte("#!/bin/sh\n[ \"$1 $2\" = '-n --' ] || exit 9\nshift 2\n"+text), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func rooted(t *testing.T) *host.Host {
	t.Helper()
	h, err := host.New(action.Values{"via": map[string]any{"sudo": true}}, open)
	require.NoError(t, err)
	return h
}

func TestSudoRunsEverythingAndGetsSecretsByStdin(t *testing.T) {
	sudo(t, `echo "$*" >>"`+filepath.Join(t.TempDir(), "seen")+`"; AS_ROOT=yes exec "$@"`)
	h := rooted(t)
	res, err := h.Run(t.Context(), process.Command{
		Argv: []string{"sh", "-c", `read -r line; echo "$AS_ROOT $TOKEN $line $LC_ALL"`},
		Env:  map[string]any{"TOKEN": action.NewSecret("canary")}, Stdin: action.NewSecret("input\n"),
	}, nil)
	require.NoError(t, err)
	require.Equal(t, "yes canary input C\n", res.Stdout)
	files(t, h)
}

// TestWhatSudoRunsIsFoundByTheAttempt: sudo empties the environment and resets
// limits, and what runs as root hides its environment. Sudo's own arguments tell
// whose it is, and a limit does of what leaves sudo.
func TestWhatSudoRunsIsFoundByTheAttempt(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sudo"), []byte("#!/bin/sh\n[ \"$1 $2 $4\" = '-n -p --' ] || exit 9\nshift 4\nulimit -S -w unlimited\nenv -i PATH=\"$PATH\" \"$@\"\n"), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	var as process.Attempts
	t.Cleanup(as.Close)
	ctx, done := as.Begin(t.Context(), attempt("step:1."), nil)
	defer done()
	begun := filepath.Join(dir, "begun")
	require.NoError(t, syscall.Mkfifo(begun, 0o600))
	ended := make(chan error, 1)
	go func() {
		_, err := rooted(t).Run(ctx, process.Command{Argv: []string{"sh", "-c", `trap "" TERM; [ -z "$` + process.Marker + `" ] || exit 1
			env -i sh -c '(setsid sh -c "trap \"\" TERM; echo \$\$ >$0; while :; do sleep 600; done" >/dev/null 2>&1 &)' "$0"; while :; do sleep 600; done`, begun}}, nil)
		ended <- err
	}()
	text, err := os.ReadFile(begun) // waits until it runs
	require.NoError(t, err)
	require.NotEmpty(t, text, "the variable did not reach it")
	require.NoError(t, as.End(t.Context(), []string{attempt("step:10.")}))
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, 0), "another attempt's end is none of its business")
	require.NoError(t, process.Remains{Attempts: []string{attempt("step:1.")}, Grace: 100 * time.Millisecond}.End(t.Context(), "this machine"))
	require.True(t, action.IsDoubtful(<-ended), "it was ended from outside")
	left, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")) // of what nobody has waited for it is empty
	require.Empty(t, left)
}

func TestSudoThatAsksForAPasswordIsExplained(t *testing.T) {
	sudo(t, `echo "sudo: a password is required" >&2; exit 1`)
	_, err := rooted(t).ReadFile(t.Context(), "/etc/hostname")
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "sudo on this machine does not let us run sh: a password is required", e.Message)
	require.Contains(t, e.Hint, "NOPASSWD")
	require.Len(t, rooted(t).Check(t.Context()), 1)
}

// TestTheSystemsOwnSudo needs root, whom every sudoers file permits all.
func TestTheSystemsOwnSudo(t *testing.T) {
	realtest.Need(t, "sudo")
	if os.Geteuid() != 0 {
		t.Logf("as %d nobody knows what sudo permits; the tests above stand for it", os.Geteuid())
		return
	}
	require.Empty(t, rooted(t).Check(t.Context(), "sh"))
	files(t, rooted(t))
}
