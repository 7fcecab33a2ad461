//go:build unix

package process_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// TestACommandInheritsFewVariables: whatever of the caller's environment changes
// what a program does stays out, by whatever name.
func TestACommandInheritsFewVariables(t *testing.T) {
	for _, name := range []string{
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "GCONV_PATH", "BASH_ENV", "ENV", "BASH_FUNC_ls%%", "PS4", "IFS", "CDPATH", "SHELLOPTS",
		"PYTHONPATH", "PYTHONSTARTUP", "PERL5OPT", "PERL5LIB", "RUBYOPT", "NODE_OPTIONS", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "EDITOR", "PAGER", "LESSOPEN",
		"RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES", "SSLKEYLOGFILE", "OPENSSL_CONF", "PGOPTIONS", "PGSERVICEFILE", "LDAPRC", "RESTIC_REPOSITORY", "ALL_PROXY", "http_proxy", "IRCTL_KEY",
	} {
		t.Setenv(name, "/tmp/evil")
	}
	res, err := process.Command{Argv: []string{"/usr/bin/env"}}.Run(context.Background(), nil)
	require.NoError(t, err)
	require.NotContains(t, res.Stdout, "/tmp/evil")
	require.Contains(t, res.Stdout, "PATH=")
}

// TestAProgramThatAnybodyCouldHavePutThere: a program is not taken from the folder
// that a command happens to be in, nor from one in which everybody may write.
func TestAProgramThatAnybodyCouldHavePutThere(t *testing.T) {
	open, own := t.TempDir(), t.TempDir()
	for _, dir := range []string{open, own} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "irctl-tool"), []byte("#!/bin/sh\necho ran\n"), 0o755))
	}
	run := func(path, dir, program string) (process.Result, error) {
		t.Setenv("PATH", path+":/usr/bin:/bin")
		return process.Command{Argv: []string{program}, Dir: dir}.Run(context.Background(), nil)
	}
	t.Chdir(own)
	for _, path := range []string{".", "", "./", "../" + filepath.Base(own)} {
		_, err := run(path, own, "irctl-tool")
		require.Error(t, err, "PATH begins with %q", path)
		require.False(t, action.IsDoubtful(err))
	}

	require.NoError(t, os.Chmod(open, 0o777|os.ModeSticky))
	var e *action.Error
	_, err := run(open, "", "irctl-tool")
	require.ErrorAs(t, err, &e)
	require.Equal(t, "cannot start irctl-tool: it lies in "+open+", where everybody may write, so that anybody could have put it there", e.Message)
	require.True(t, e.Permanent)
	require.Contains(t, e.Hint, "take the folder out of PATH")
	require.NoError(t, os.Chmod(open, 0o755))
	require.NoError(t, os.Chmod(filepath.Join(open, "irctl-tool"), 0o777))
	_, err = run(open, "", "irctl-tool")
	require.ErrorContains(t, err, "everybody may write")

	// Who names the file means it.
	res, err := run(open, "", filepath.Join(open, "irctl-tool"))
	require.NoError(t, err)
	require.Equal(t, "ran", strings.TrimSpace(res.Stdout))
	res, err = run(own, "", "irctl-tool")
	require.NoError(t, err)
	require.Equal(t, "ran", strings.TrimSpace(res.Stdout))
}
