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
		{"an undo of which nothing tells whether it is done", []string{"undone: user.json.status == record.status", "undone: user.json.nothing == record.status"}, "do not tell what `undone` of the connector asks"},
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

// peopleAPI is what the vendor of help's example would publish.
const peopleAPI = `
openapi: 3.0.3
info: {title: People, version: "1"}
servers: [{url: "https://people.example.com"}]
security: [{token: []}]
paths:
  /v1/me: {get: {operationId: getMe, responses: {200: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}}}
  /v1/users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getUser, responses: {200: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, 404: {content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}}}
  /v1/users/{id}/suspend:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {operationId: suspendUser, responses: {204: {}, 404: {content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}}}
  /v1/users/{id}/unsuspend:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {operationId: unsuspendUser, responses: {204: {}, 404: {content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    User: {type: object, properties: {id: {type: string}, login: {type: string}, status: {type: string, enum: [ACTIVE, SUSPENDED]}}}
    Error: {type: object, properties: {message: {type: string}}}
`

// Who follows irctl help connectors has a connector that passes, in under 60 lines.
func TestTheExampleOfHelpPasses(t *testing.T) {
	topic, err := os.ReadFile(filepath.Join("..", "..", "manual", "topics", "connectors.txt"))
	require.NoError(t, err)
	block := func(kind string) string {
		_, rest, ok := strings.Cut(string(topic), "  irctl: v1\n  kind: "+kind+"\n")
		require.True(t, ok, kind)
		text := "irctl: v1\nkind: " + kind + "\n"
		for line := range strings.Lines(rest) {
			if !strings.HasPrefix(line, "  ") {
				break
			}
			text += strings.TrimPrefix(line, "  ")
		}
		return text
	}
	source, cases := block("connector"), block("connector-test")
	require.Less(t, strings.Count(source, "\n"), 60)
	by, found := connector.Parse("people.yaml", []byte(source))
	require.Empty(t, found)
	file, found := trial.Parse("people.test.yaml", []byte(cases))
	require.Empty(t, found)
	whole, err := openapi.Read([]byte(peopleAPI))
	require.NoError(t, err)
	slice, err := whole.Slice()
	require.NoError(t, err)
	results, err := trial.Try(t.Context(), by, slice, file, registry.Builtin())
	require.NoError(t, err)
	for _, r := range results {
		require.Empty(t, r.Problems, r.Case)
	}
}
