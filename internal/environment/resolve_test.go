package environment_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
)

const canary = "s3cr3t-canary"

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "secrets"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secrets", "directory"), []byte(canary+"\n"), 0o600))
	t.Setenv("MAIL_TOKEN", "token")
	env := load(t, dir)

	mail, err := env.Resolve(t.Context(), "corporate-mail", specs[0])
	require.NoError(t, err)
	require.Equal(t, action.Target{
		Name: "corporate-mail", Type: "http", Zone: "office", Owner: "mail-team@example.com", Fallback: "Call the mail team on +1 555 0111.",
		Config: action.Values{
			"base_url": "https://mail.example.com/admin",
			"auth":     map[string]any{"bearer": action.NewSecret("token")},
			"suspend":  map[string]any{"path": "/suspend"},
			"timeout":  30 * time.Second,
		},
	}, mail)

	directory, err := env.Resolve(t.Context(), "directory", specs[2])
	require.NoError(t, err)
	require.Equal(t, action.Values{
		"url": "ldaps://directory.example.com", "password": action.NewSecret(canary), "ca_file": filepath.Join(dir, "ca.pem"),
	}, directory.Config)

	binder, err := env.Resolve(t.Context(), "binder", specs[2])
	require.NoError(t, err)
	require.Equal(t, action.Target{Name: "binder", Type: "paper", Config: action.Values{}}, binder)
}

// TestSecretsAreReadAtTheStep: a secret that changes during a run is read anew.
func TestSecretsAreReadAtTheStep(t *testing.T) {
	env := load(t, t.TempDir())
	var got []string
	for _, token := range []string{"one", "two"} {
		t.Setenv("MAIL_TOKEN", token)
		target, err := env.Resolve(t.Context(), "corporate-mail", specs[0])
		require.NoError(t, err)
		got = append(got, target.Config.Map("auth").Secret("bearer").Reveal())
	}
	require.Equal(t, []string{"one", "two"}, got)
}

func TestResolveRefuses(t *testing.T) {
	dir := t.TempDir()
	env := load(t, dir)
	t.Setenv("MAIL_TOKEN", "")
	var got strings.Builder
	for _, c := range []struct {
		target string
		spec   action.Spec
	}{
		{"corporate-mial", specs[0]}, {"warehouse", specs[0]}, {"corporate-mail", specs[2]}, {"binder", specs[3]},
		{"portal-sessions", specs[0]}, {"corporate-mail", specs[0]}, {"directory", specs[2]},
	} {
		_, err := env.Resolve(t.Context(), c.target, c.spec)
		var e *action.Error
		require.ErrorAs(t, err, &e)
		fmt.Fprintf(&got, "%s for %s\n  %s\n  help: %s\n", c.target, c.spec.Name, strings.ReplaceAll(e.Error(), dir, "DIR"), strings.ReplaceAll(e.Hint, dir, "DIR"))
	}
	golden(t, filepath.Join("testdata", "resolve.out"), got.String())
}

func TestResolveRef(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		require.NoError(t, os.Chmod(path, mode))
		return path
	}
	t.Setenv("CANARY", canary)
	for _, ref := range []string{
		"env:CANARY", "file:" + file("plain", canary, 0o600), "file:" + file("newline", canary+"\n", 0o400), "file:" + file("windows", canary+"\r\n", 0o600),
	} {
		got, err := environment.ResolveRef(ref)
		require.NoError(t, err)
		require.Equal(t, canary, got.Reveal())
	}
	for ref, want := range map[string]string{
		canary:                               "a secret must be given as a reference, never as itself",
		"env:":                               "a secret must be given as a reference, never as itself",
		"env:IRCTL_TEST_UNSET":               "the variable IRCTL_TEST_UNSET is not set",
		"file:" + dir + "/missing":           "cannot read DIR/missing: no such file or directory",
		"file:" + dir:                        "DIR is not a regular file",
		"file:" + file("empty", "\n", 0o600): "DIR/empty is empty",
		"file:" + file("big", strings.Repeat("x", 1<<17), 0o600): "DIR/big holds more than 64 KiB",
	} {
		_, err := environment.ResolveRef(ref)
		require.Error(t, err)
		require.Equal(t, want, strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
}

func TestStore(t *testing.T) {
	dir := t.TempDir()
	secrets := load(t, dir).NewSecrets()
	folder := filepath.Join(dir, "new-secrets")
	for name, file := range map[string]string{
		"alice": "alice", "alice@example.com": "alice@example.com", "../../etc/passwd": "%2E./../etc/passwd", ".hidden": "%2Ehidden", "a b\x00": "a%20b%00",
	} {
		file = strings.ReplaceAll(file, "/", "%2F")
		ref, err := secrets.Put(t.Context(), name, action.NewSecret(canary+name))
		require.NoError(t, err)
		require.Equal(t, "file:"+filepath.Join(folder, file), ref)
		got, err := secrets.Get(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, canary+name, got.Reveal())
		direct, err := environment.ResolveRef(ref)
		require.NoError(t, err)
		require.Equal(t, got, direct)
	}
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret("second\n"))
	require.NoError(t, err)
	got, err := secrets.Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, "second\n", got.Reveal())
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 5, "no drafts are left behind")

	for _, name := range []string{"", strings.Repeat("x", 300)} {
		_, err := secrets.Put(t.Context(), name, action.NewSecret(canary))
		require.Error(t, err)
		require.NotContains(t, err.Error(), canary)
	}
	outside := filepath.Join(dir, "outside")
	require.NoError(t, os.WriteFile(outside, []byte(canary), 0o600))
	for _, bad := range []string{"alice", "env:HOME", "file:" + outside, "file:" + folder + "/../outside", "file:" + folder, "file:" + folder + "/.alice.tmp"} {
		_, err := secrets.Get(t.Context(), bad)
		require.Error(t, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = secrets.Put(ended, "alice", action.NewSecret(canary))
	require.ErrorIs(t, err, context.Canceled)
	_, err = secrets.Get(ended, ref)
	require.ErrorIs(t, err, context.Canceled)
}

func TestNoPlaceForNewSecrets(t *testing.T) {
	require.True(t, (&environment.Environment{}).NewSecrets() == nil, "the interface itself is nil")
	_, err := (&environment.Environment{}).Resolve(t.Context(), "mail", specs[0])
	require.Error(t, err)
	require.False(t, errors.Is(err, context.Canceled))
}
