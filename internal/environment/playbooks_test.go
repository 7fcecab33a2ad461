package environment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
)

const boundAgent = "ssh--1c390a2f-0a5d-4d9f-9c1c-0f5d1f5b6b11"

// TestPlaybooksNamesLeadToTargets: by id and by name, in every place that
// takes a target's name.
func TestPlaybooksNamesLeadToTargets(t *testing.T) {
	t.Setenv("MAIL_TOKEN", "token")
	env := load(t, t.TempDir())
	b := env.Playbooks()
	require.True(t, b.Signed)
	require.Equal(t, []environment.Binding{{Name: boundAgent, Target: "directory"}, {Name: "Mail server", Target: "corporate-mail"}}, b.Bind)

	for name, want := range map[string]string{boundAgent: "directory", "Mail server": "corporate-mail", "binder": "binder"} {
		got, ok := env.Target(name)
		require.True(t, ok)
		require.Equal(t, want, got.Name)
	}
	for _, name := range []string{"mail server", "ssh--1c390a2f-0a5d-4d9f-9c1c-0f5d1f5b6b12", ""} {
		_, ok := env.Target(name)
		require.False(t, ok, name)
	}
	mail, err := env.Resolve(t.Context(), "Mail server", specs[0])
	require.NoError(t, err)
	require.Equal(t, "corporate-mail", mail.Name)
	require.NoError(t, env.ReadSecrets(t.Context(), "Mail server"))
	require.ErrorContains(t, env.ReadSecrets(t.Context(), boundAgent), "the secret DIRECTORY_PASSWORD cannot be read")
}

func TestTrustedKeysAreReadWhenNeeded(t *testing.T) {
	dir := t.TempDir()
	env := load(t, dir)
	trusted := env.Playbooks().Trusted
	require.Len(t, trusted, 2)
	require.Equal(t, []string{"file:keys/soc.pem", "in the environment file"}, []string{trusted[0].Where(), trusted[1].Where()})

	text, err := env.Key(trusted[1])
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "-----BEGIN PUBLIC KEY-----\n"))

	_, err = env.Key(trusted[0])
	require.ErrorContains(t, err, "the key of soc, who may sign playbooks, cannot be read")
	path := filepath.Join(dir, "keys", "soc.pem")
	require.NoError(t, os.MkdirAll(path, 0o700))
	_, err = env.Key(trusted[0])
	require.ErrorContains(t, err, "is not a regular file")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path, make([]byte, 1<<19), 0o644))
	_, err = env.Key(trusted[0])
	require.ErrorContains(t, err, "holds more than 256 KiB")
	require.NoError(t, os.WriteFile(path, []byte("a key"), 0o644))
	text, err = env.Key(trusted[0])
	require.NoError(t, err)
	require.Equal(t, "a key", string(text))
}
