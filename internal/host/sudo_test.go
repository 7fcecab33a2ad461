//go:build linux

package host_test

import (
	"os"
	"path/filepath"
	"testing"

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
