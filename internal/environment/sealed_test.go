//go:build unix

package environment_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
)

// folder is a folder with an environment file that ends with lines, and an age
// identity in the file key.
func folder(t *testing.T, lines string) (dir string, key *age.X25519Identity, env *environment.Environment) {
	t.Helper()
	dir = t.TempDir()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte("# made by a test\n"+key.String()+"\n"), 0o600))
	return dir, key, again(t, dir, strings.ReplaceAll(lines, "RECIPIENT", key.Recipient().String()))
}

func again(t *testing.T, dir, lines string) *environment.Environment {
	t.Helper()
	env, ds := environment.Parse(filepath.Join(dir, "environment.yaml"), []byte("irctl: v1\nkind: environment\nname: acme\n"+lines))
	require.False(t, ds.HasErrors(), "%v", ds)
	return env
}

func TestNewSecretsAreEncrypted(t *testing.T) {
	dir, key, env := folder(t, "new_secrets: {folder: new, age: [RECIPIENT]}\n")
	require.NoError(t, env.CheckNewSecrets(t.Context()))
	require.NoDirExists(t, filepath.Join(dir, "new"), "a check stores nothing")
	ref, err := env.NewSecrets().Put(t.Context(), "alice", action.NewSecret(canary))
	require.NoError(t, err)
	require.Equal(t, "age:"+filepath.Join(dir, "new", "alice.age"), ref)
	sealed, err := os.ReadFile(filepath.Join(dir, "new", "alice.age"))
	require.NoError(t, err)
	require.NotContains(t, string(sealed), canary)
	plain, err := age.Decrypt(bytes.NewReader(sealed), key)
	require.NoError(t, err)
	text, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.Equal(t, canary+"\n", string(text))

	_, err = env.NewSecrets().Get(t.Context(), ref)
	require.ErrorIs(t, err, action.ErrSealed, "irctl has no identity")
	env = again(t, dir, "new_secrets: {folder: new, age: ["+key.Recipient().String()+"], identity: key}\n")
	got, err := env.NewSecrets().Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, canary, got.Reveal())
	require.Equal(t, "new, encrypted to 1", env.NewSecretsPlace())
}

func TestASecretInAnAgeFile(t *testing.T) {
	dir, key, env := folder(t, "secrets:\n  TOKEN: {age: token.age, identity: key}\n  OTHER: {age: other.age, identity: key}\n  BROKEN: {age: key, identity: key}\n  NO_KEY: {age: token.age, identity: token.age}\n")
	stranger, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	for file, to := range map[string]age.Recipient{"token.age": key.Recipient(), "other.age": stranger.Recipient()} {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, to)
		require.NoError(t, err)
		_, err = io.WriteString(w, canary+"\n")
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o600))
	}
	got, err := env.Secret(t.Context(), "TOKEN")
	require.NoError(t, err)
	require.Equal(t, canary, got.Reveal())
	require.Empty(t, env.CheckSecrets())
	for name, want := range map[string]string{
		"OTHER":  "other.age is not encrypted to this identity",
		"BROKEN": "key is not a file that age can decrypt",
		"NO_KEY": "token.age holds no age identity",
	} {
		_, err := env.Secret(t.Context(), name)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), key.String())
	}
	require.NoError(t, os.Chmod(filepath.Join(dir, "key"), 0o644))
	_, err = env.Secret(t.Context(), "TOKEN")
	require.ErrorContains(t, err, "others on this machine may read it")
}

func TestAHelperStoresNewSecrets(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o700))
	}
	script("put", `[ "$1" = -n ] && cat >"stored.$2"`)
	script("get", `cat "stored.$1"`)
	script("broken", "cat; exit 1") // it repeats what it read
	env := again(t, dir, "new_secrets: {exec: [./put, -n], read: [./get]}\n")
	require.NoError(t, env.CheckNewSecrets(t.Context()))
	ref, err := env.NewSecrets().Put(t.Context(), "../alice bo", action.NewSecret(canary))
	require.NoError(t, err)
	require.Equal(t, "exec:./get %2E.%2Falice%20bo", ref)
	got, err := env.NewSecrets().Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, canary, got.Reveal())
	for _, bad := range []string{"exec:./get ../put", "exec:./get -n", "exec:rm alice", "file:alice", "exec:./get "} {
		_, err := env.NewSecrets().Get(t.Context(), bad)
		require.ErrorContains(t, err, "the reference is none of the program", bad)
	}
	_, err = again(t, dir, "new_secrets: {exec: [./put, -n]}\n").NewSecrets().Get(t.Context(), "exec:./put alice")
	require.ErrorIs(t, err, action.ErrSealed)
	_, err = again(t, dir, "new_secrets: {exec: [./broken]}\n").NewSecrets().Put(t.Context(), "alice", action.NewSecret(canary))
	require.EqualError(t, err, "the secret was not stored, so nothing was changed: broken ended with exit code 1")
	require.ErrorContains(t, again(t, dir, "new_secrets: {exec: [./gone]}\n").CheckNewSecrets(t.Context()), "there is no program ./gone")
}

func TestPlacesOfSecretsAreLookedAt(t *testing.T) {
	dir, _, _ := folder(t, "")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "open"), []byte(canary), 0o644))
	env := again(t, dir, `secrets:
  GONE: {file: gone}
  OPEN: {file: open}
  UNSET: {env: IRCTL_NO_SUCH_VARIABLE}
  TOOL: {exec: [irctl-no-such-program]}
  SHELL: {exec: [sh, -c, "touch ran"]}
  AGE: {age: gone.age, identity: key}
  GOOD: {file: key}
`)
	var b bytes.Buffer
	require.NoError(t, env.CheckSecrets().Render(&b, map[string][]byte{env.File: env.Source}))
	got := strings.ReplaceAll(b.String(), dir, "DIR")
	golden(t, filepath.Join("testdata", "places.out"), got)
	require.NoFileExists(t, filepath.Join(dir, "ran"), "no program is run")
}

func TestTheFolderOfNewSecretsIsLookedAt(t *testing.T) {
	dir, _, env := folder(t, "new_secrets: {folder: below/new}\n")
	require.NoError(t, env.CheckNewSecrets(t.Context()))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "below", "new"), 0o755))
	require.ErrorContains(t, env.CheckNewSecrets(t.Context()), "others on this machine may enter it")
	require.NoError(t, os.Chmod(filepath.Join(dir, "below", "new"), 0o700))
	require.NoError(t, env.CheckNewSecrets(t.Context()))
}
