package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

const oneSystem = `irctl: v1
kind: environment
name: office
secrets: {TOKEN: {env: OFFICE_TOKEN}, OTHER: {env: OFFICE_OTHER}}
targets:
  directory:
    type: http
    config: {base_url: "https://directory.example.com/api", auth: {bearer: {secret: TOKEN}}}
    actions:
      account:
        status: {path: "/users/{account}", disabled_when: {json: {active: false}}}
        disable: {path: "/users/{account}/disable"}
        enable: {path: "/users/{account}/enable"}
      sessions: {revoke: {path: "/users/{account}/sessions", method: DELETE, headers: {x: {secret: OTHER}}}}
`

func specOf(t *testing.T, name string) action.Spec {
	t.Helper()
	spec, ok := registry.Builtin().Spec(name)
	require.True(t, ok)
	return spec
}

// TestOneTargetDoesAllThatItsActionsSay: a system is written once, whatever is
// done to it, and who asks for what it does not say is told before a run.
func TestOneTargetDoesAllThatItsActionsSay(t *testing.T) {
	t.Setenv("OFFICE_TOKEN", "one")
	t.Setenv("OFFICE_OTHER", "two")
	env, found := environment.Parse("office.yaml", []byte(oneSystem))
	require.Empty(t, found)
	require.Empty(t, env.Check(registry.Builtin().Specs()))

	directory, _ := env.Target("directory")
	for _, name := range []string{"account.disable", "account.enable", "sessions.revoke"} {
		require.NoError(t, directory.Suits(specOf(t, name)))
		got, err := env.Resolve(t.Context(), "directory", specOf(t, name))
		require.NoError(t, err)
		require.Equal(t, "https://directory.example.com/api", got.Config["base_url"])
	}
	account, err := env.Resolve(t.Context(), "directory", specOf(t, "account.disable"))
	require.NoError(t, err)
	require.Contains(t, account.Config, "disable")
	require.NotContains(t, account.Config, "revoke")

	const said = "the target directory does not say how to do credentials.rotate: its `actions` are account, sessions"
	require.ErrorContains(t, directory.Suits(specOf(t, "credentials.rotate")), said)
	_, err = env.Resolve(t.Context(), "directory", specOf(t, "credentials.rotate"))
	require.ErrorContains(t, err, said)

	require.NoError(t, env.ReadSecrets(t.Context(), "directory"))
	t.Setenv("OFFICE_OTHER", "")
	require.Error(t, env.ReadSecrets(t.Context(), "directory"), "a secret of one of its actions")
	require.Equal(t, "{revoke: {path: /users/{account}/sessions, method: DELETE, headers: {x: {secret: OTHER}}}}",
		env.Described("directory")["actions.sessions"], "what is shown")
}

// TestWhatATargetSaysOfItsActionsIsHeldAgainstThem: each of them, at its place.
func TestWhatATargetSaysOfItsActionsIsHeldAgainstThem(t *testing.T) {
	for _, c := range []struct{ was, is, said, help string }{
		{"revoke:", "revok:", "14:18: error[IR0402]: the target `directory`: `revok` is not known here", "did you mean `revoke`?"},
		{"sessions: {", "session: {", "14:7: error[IR0402]: the target `directory`: no action about `session` acts on targets of type `http`", "did you mean `sessions`?"},
		{"sessions: {", "sessions: {base_url: \"https://x.example.com\", ", "14:18: error[IR0402]: the target `directory`: `base_url` stands in `config`, too", "write it in one of the two places"},
		{"sessions: {revoke: {path: \"/users/{account}/sessions\", method: DELETE, headers: {x: {secret: OTHER}}}}", "sessions: all", "IR0110", "mapping"},
		{"{bearer: {secret: TOKEN}}", "{bearer: plain-text}", "IR0404", "declare it below `secrets:`"},
	} {
		src := strings.Replace(oneSystem, c.was, c.is, 1)
		require.NotEqual(t, oneSystem, src)
		env, problems := environment.Parse("office.yaml", []byte(src))
		if !problems.HasErrors() {
			problems = append(problems, env.Check(registry.Builtin().Specs())...)
		}
		var b strings.Builder
		require.NoError(t, problems.Render(&b, map[string][]byte{"office.yaml": []byte(src)}))
		text := b.String()
		require.Contains(t, text, c.said)
		require.Contains(t, text, c.help)
	}
}
