package environment_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/action"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata")

// system describes `http` as one action sees it: its own verb, beside what all
// have in common.
func system(verb string) action.TargetType {
	request := []action.Field{
		{Name: "path", Type: action.String, Required: true},
		{Name: "method", Type: action.String},
	}
	return action.TargetType{Name: "http", Fields: []action.Field{
		{Name: "base_url", Type: action.String, Required: true, Example: "https://mail.example.com/admin"},
		{Name: "auth", Type: action.Map, Fields: []action.Field{
			{Name: "bearer", Type: action.String, Secret: true},
			{Name: "basic", Type: action.Map, Fields: []action.Field{
				{Name: "user", Type: action.String, Required: true},
				{Name: "password", Type: action.String, Secret: true, Required: true, Pattern: "[A-Z]{30}"},
			}},
		}},
		{Name: "headers", Type: action.Map, Items: action.String, Secret: true},
		{Name: verb, Type: action.Map, Fields: request, Required: true},
		{Name: "timeout", Type: action.Duration, Default: "30s"},
	}}
}

func ldap() action.TargetType {
	return action.TargetType{Name: "ldap", Fields: []action.Field{
		{Name: "url", Type: action.String, Required: true},
		{Name: "password", Type: action.String, Secret: true, Required: true},
		{Name: "ca_file", Type: action.String, Path: true},
	}}
}

var specs = []action.Spec{
	{Name: "email.suspend", Targets: []action.TargetType{system("suspend")}},
	{Name: "sessions.revoke", Targets: []action.TargetType{system("revoke")}},
	{Name: "account.disable", Targets: []action.TargetType{ldap(), {Name: "paper"}}},
	{Name: "assert"},
}

func TestEnvironmentFiles(t *testing.T) {
	for _, folder := range []string{"ok", "err"} {
		paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for _, path := range paths {
			t.Run(filepath.Base(path), func(t *testing.T) {
				src, err := os.ReadFile(path)
				require.NoError(t, err)
				got := found(t, path, src)
				require.NotContains(t, got, "hunter2", "a secret is shown")
				if folder == "ok" {
					require.Empty(t, got)
					return
				}
				golden(t, strings.TrimSuffix(path, ".yaml")+".out", got)
			})
		}
	}
}

func found(t *testing.T, path string, src []byte) string {
	t.Helper()
	name := filepath.Base(path)
	env, ds := environment.Parse(name, src)
	require.True(t, env != nil || ds.HasErrors())
	if env != nil {
		ds = append(ds, env.Check(specs)...)
	}
	var b bytes.Buffer
	require.NoError(t, ds.Render(&b, map[string][]byte{name: src}))
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	require.NotEmpty(t, got)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	require.Equal(t, string(want), got)
}

// TestEveryCodeIsShown: each code is explained, and shown by a golden file.
func TestEveryCodeIsShown(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "err", "*.out"))
	require.NoError(t, err)
	paths = append(paths, filepath.Join("testdata", "places.out"), filepath.Join("testdata", "policy.out"))
	var all strings.Builder
	for _, path := range paths {
		out, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(out)
	}
	for _, c := range finding.Codes(environment.Codes()) {
		require.NotEmpty(t, c.Explanation, c.ID)
		require.Contains(t, all.String(), "["+c.ID+"]")
	}
}

// load parses testdata/ok/full.yaml as a file of a folder.
func load(t *testing.T, folder string) *environment.Environment {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "ok", "full.yaml"))
	require.NoError(t, err)
	env, ds := environment.Parse(filepath.Join(folder, "environment.yaml"), src)
	require.Empty(t, ds)
	return env
}

func TestWhatAnEnvironmentNames(t *testing.T) {
	env := load(t, "")
	require.Equal(t, "production", env.Name())
	require.Equal(t, "The company's systems", env.Title)
	require.Equal(t, action.Allow{LinkLocal: true}, env.Policy())
	require.Equal(t, []string{"customers", "helpline"}, env.Values())
	customers, ok := env.Value("customers")
	require.True(t, ok)
	require.Equal(t, "1200", customers)
	require.Equal(t, []string{"DIRECTORY_PASSWORD", "MAIL_TOKEN", "VAULT_TOKEN"}, env.Secrets())
	require.Len(t, env.Digest(), 64)

	dana := environment.Person{Name: "dana", FullName: "Dana Fields", Roles: []string{"commander", "deputy"}, User: "dfields", Email: "dana@example.com", Phone: "+1 555 0101"}
	sam := environment.Person{Name: "sam", FullName: "sam", Roles: []string{"it-lead"}, User: "*"}
	riley := environment.Person{Name: "riley", FullName: "Riley Chen", Email: "riley@example.com"}
	require.Equal(t, []environment.Person{dana, sam, riley}, env.People)
	require.Equal(t, []environment.Person{dana}, env.PeopleWith("deputy"))
	require.Empty(t, env.PeopleWith("legal"))
	got, ok := env.Person("riley")
	require.True(t, ok)
	require.Equal(t, riley, got)
	_, ok = env.Person("kim")
	require.False(t, ok)
}
