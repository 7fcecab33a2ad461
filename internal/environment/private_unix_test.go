//go:build !windows

package environment_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
)

func TestFilesOthersMayReadAreRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(path, []byte(canary), 0o600))
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o644} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := environment.ResolveRef("file:" + path)
		require.Equal(t, &action.Error{
			Message: fmt.Sprintf("%s has mode %04o: others on this machine may read it", path, mode),
			Hint:    "chmod 600 " + path + ", and change the secret if others could have seen it",
		}, err)
	}
}

// TestNamedPipe: reading one would wait for ever.
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, err := environment.ResolveRef("file:" + path)
	require.ErrorContains(t, err, "is not a regular file")
}

func TestStoreIsPrivate(t *testing.T) {
	dir := t.TempDir()
	secrets := load(t, dir).NewSecrets()
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret(canary))
	require.NoError(t, err)
	modes := map[string]string{}
	for _, path := range []string{"new-secrets", "new-secrets/alice"} {
		info, err := os.Stat(filepath.Join(dir, path))
		require.NoError(t, err)
		modes[path] = fmt.Sprintf("%04o", info.Mode().Perm())
	}
	require.Equal(t, map[string]string{"new-secrets": "0700", "new-secrets/alice": "0600"}, modes)

	require.NoError(t, os.Chmod(filepath.Join(dir, "new-secrets"), 0o755))
	_, err = secrets.Put(t.Context(), "alice", action.NewSecret("other"))
	require.ErrorContains(t, err, "others on this machine may enter it")
	got, err := secrets.Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, canary, got.Reveal(), "nothing was replaced")
}

// TestPrograms: a secret that a program prints, and programs that fail.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	var got strings.Builder
	for _, argv := range []string{
		`[sh, -c, "echo ` + canary + `"]`,
		`[sh, -c, "pwd"]`,
		`[sh, -c, "echo ` + canary + ` >&2; echo ` + canary + `; exit 3"]`,
		`[sh, -c, "kill -9 $$"]`,
		`[sh, -c, "true"]`,
		`[irctl-no-such-program, ` + canary + `]`,
	} {
		src := "irctl: v1\nkind: environment\nname: x\nsecrets:\n  TOKEN: {exec: " + argv + "}\ntargets:\n  a: {type: ldap, config: {url: x, password: {secret: TOKEN}}}\n"
		env, ds := environment.Parse(filepath.Join(dir, "x.yaml"), []byte(src))
		require.Empty(t, ds)
		secret, err := env.Secret(t.Context(), "TOKEN")
		if err != nil {
			require.NotContains(t, fmt.Sprintf("%v %#v", err, err), canary)
			fmt.Fprintf(&got, "error: %s\n", err)
			continue
		}
		fmt.Fprintf(&got, "%s\n", secret.Reveal())
	}
	golden(t, filepath.Join("testdata", "programs.out"), strings.ReplaceAll(got.String(), dir, "DIR"))
}
