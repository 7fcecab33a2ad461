package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	"github.com/irctl/irctl/internal/connector/trial"
	"github.com/irctl/irctl/internal/registry"
)

// try tries the connector of testdata, in which some texts are others.
func try(t *testing.T, replace ...string) []trial.Result {
	t.Helper()
	text := func(name string) []byte {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return []byte(strings.NewReplacer(replace...).Replace(string(src)))
	}
	by, found := connector.Parse("door-directory.yaml", text("door-directory.yaml"))
	require.Empty(t, found)
	file, found := trial.Parse("door-directory.test.yaml", text("door-directory.test.yaml"))
	require.Empty(t, found)
	whole, err := openapi.Read(text("door-directory.openapi.yaml"))
	require.NoError(t, err)
	slice, err := whole.Slice()
	require.NoError(t, err)
	out, err := trial.Try(t.Context(), by, slice, file, registry.Builtin())
	require.NoError(t, err)
	return out
}

func TestAConnectorThatIsRightPasses(t *testing.T) {
	for _, r := range try(t) {
		require.Empty(t, r.Problems, r.Case)
		t.Log(r)
	}
}

// What is wrong with a connector, or with what lies beside it, is told.
func TestWhatIsWrongIsTold(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace []string
		want    string
	}{
		{"a path that is not described", []string{"/suspend\n    undo", "/suspended\n    undo"}, "POST /api/users/u1/suspended is not described"},
		{"an operation that nobody plays", []string{"    suspendUser:\n", "    suspendedUser:\n"}, "it does not say what the operation suspendUser does"},
		{"an answer that is not described", []string{"login: alice@example.com}", "login: alice@example.com, age: 7}"}, "the answer of getUser: body: age: is not described"},
		{"nothing that proves who asks", []string{"auth: {bearer: '${{ config.token }}'}\n", ""}, "nothing says who asks: the description wants header Authorization with bearer"},
		{"a state that a look does not see", []string{"desired: user.json.status == 'SUSPENDED'", "desired: user.json.status == 'GONE'"}, "as expected"},
		{"an undo that does nothing", []string{"unsuspend\n      undone: user.json.status == record.status", "suspend\n      undone: 'true'"}, "undo"},
		{"a look that takes every error for nobody", []string{"absent: [404]", "absent: [404, 401]", "missing: user == null", "missing: 'false'", "desired: user", "desired: user == null || user"}, "status 401 to request 1: it says that it was done"},
		{"no case", []string{"{action: account.disable,", "{action: account.enable,"}, "the connector has no action account.enable"},
		{"another end", []string{"state: SUSPENDED}", "state: GONE}"}, `expected is "GONE"`},
		{"an error that does not come", []string{"carol@example.com", "alice@example.com"}, "it succeeds, expected is an error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all []string
			for _, r := range try(t, c.replace...) {
				all = append(all, r.Problems...)
			}
			require.Contains(t, strings.Join(all, "\n"), c.want)
		})
	}
}
