package openapi_test

import (
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector/openapi"
)

var update = flag.Bool("update", false, "write the expected slice anew")

// people is a description with what vendors' have: references that go round,
// references to nowhere, words of version 3.0, prose, and much that is not used.
const people = `
openapi: 3.0.3
info: {title: People, version: 1.2.0, description: Everything about people}
servers: [{url: "https://{tenant}.example.com/v1/"}]
security: [{token: []}]
tags: [{name: users}]
paths:
  /users/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get:
      operationId: getUser
      summary: Look at a person
      parameters:
        - {name: expand, in: query, schema: {type: array, items: {type: string, enum: [groups, keys]}}}
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        200: {description: The person, content: {application/json: {schema: {$ref: "#/components/schemas/User"}, example: {id: 1}}}}
        404: {$ref: "#/components/responses/NotFound"}
        429: {$ref: "#/components/responses/Nowhere"}
  /users/{id}/suspend:
    post:
      operationId: suspendUser
      parameters:
        - {$ref: "#/components/parameters/id"}
        - {name: X-Reason, in: header, required: true, schema: {type: string, minLength: 3}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Suspension"}
      responses:
        "204": {description: Done, headers: {X-Left: {required: true, schema: {type: integer}}}}
        4XX: {$ref: "#/components/responses/NotFound"}
  /users/me:
    get: {operationId: me, security: [], responses: {"200": {description: You}}}
  /legacy:
    post:
      operationId: legacy
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {user: {type: string}, days: {type: integer}}}}}}
      responses: {"200": {description: Done, content: {application/json: {schema: {$ref: "#/paths/~1users~1%7Bid%7D/get/responses/200/content/application~1json/schema"}}}}}
  "/#Action=List":
    post: {operationId: list, requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {Version: {type: string}}}}}}, responses: {"200": {description: All}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, description: A token}
    unused: {type: http, scheme: basic}
  parameters:
    id: {name: id, in: path, required: true, description: Which, schema: {type: string, pattern: '^(?!x)[a-z0-9]+$'}}
  responses:
    NotFound: {description: No such person, content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
  schemas:
    Error: {type: object, required: [code], properties: {code: {type: string}, description: {type: string, description: In words}}}
    User:
      type: object
      required: [id, status]
      properties:
        id: {type: string, readOnly: true}
        status: {type: string, enum: [ACTIVE, SUSPENDED]}
        manager: {$ref: "#/components/schemas/User"}
        until: {type: string, format: date-time, nullable: true}
        groups: {type: array, items: {$ref: "#/components/schemas/Group"}}
        odd: {$ref: "#/components/schemas/Gone"}
        profile: {type: object}
    Group: {allOf: [{$ref: "#/components/schemas/Named"}, {type: object, properties: {members: {type: array, items: {$ref: "#/components/schemas/User"}}}}]}
    Named: {type: object, properties: {name: {type: string}}}
    Suspension:
      type: object
      required: [why, id]
      properties:
        id: {type: string, readOnly: true}
        why: {type: string, maxLength: 20}
        days: {type: integer, minimum: 0, exclusiveMinimum: true}
    Unused: {type: object, properties: {other: {$ref: "#/components/schemas/Other"}}}
    Other: {type: string}
`

func read(t *testing.T, src string) *openapi.Document {
	t.Helper()
	d, err := openapi.Read([]byte(src))
	require.NoError(t, err)
	return d
}

func slice(t *testing.T, ids ...string) *openapi.Document {
	t.Helper()
	s, err := read(t, people).Slice(ids...)
	require.NoError(t, err)
	return s
}

func TestASliceHoldsWhatIsUsedAndNothingElse(t *testing.T) {
	s := slice(t, "suspendUser", "GET /users/{id}")
	name := filepath.Join("testdata", "slice.yaml")
	if *update {
		require.NoError(t, os.WriteFile(name, s.Bytes(), 0o644))
	}
	golden, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(golden), string(s.Bytes()))
	require.Equal(t, []string{"#/components/responses/Nowhere", "#/components/schemas/Gone"}, s.Loose)

	again, err := read(t, string(s.Bytes())).Slice()
	require.NoError(t, err)
	require.Equal(t, string(s.Bytes()), string(again.Bytes()), "a slice of all of a slice is that slice, and comes from where it came from")
	require.Equal(t, s.SHA256, again.SHA256)
	require.Empty(t, read(t, string(s.Bytes())).Drift(s))
}

func TestAnOperationThatIsNotThere(t *testing.T) {
	_, err := read(t, people).Slice("suspendUsr")
	var unknown *openapi.UnknownError
	require.ErrorAs(t, err, &unknown)
	require.Contains(t, unknown.Known, "suspendUser")
}

// Read gives an error or a document, whatever it gets.
func TestReadRefusesWhatIsNoDescription(t *testing.T) {
	for src, want := range map[string]string{
		"":                           "empty",
		"[1, 2]":                     "no OpenAPI description",
		"{":                          "not JSON",
		"a: [":                       "line",
		"swagger: '2.0'":             "Swagger 2.0",
		"openapi: 4.0.0":             "no OpenAPI description",
		"openapi: 3.0.3\na: &a [*a]": "nested",
		strings.Repeat("[", 300):     "",
		"openapi: 3.0.0\nx: " + strings.Repeat("{a: ", 300) + "1" + strings.Repeat("}", 300): "nested",
		"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]": "more than",
	} {
		_, err := openapi.Read([]byte(src))
		require.Error(t, err, src)
		require.Contains(t, err.Error(), want)
	}
	d := read(t, "openapi: 3.1\npaths: {/a: {get: {responses: {200: {}}}, $ref: '#/paths/~1a'}, /b: 7, /c: {get: []}}")
	require.Empty(t, d.Operations())
	_, err := d.Slice()
	require.NoError(t, err)
}

func TestFind(t *testing.T) {
	s := slice(t)
	for line, want := range map[string]string{
		"GET /v1/users/me":              "me",
		"GET /v1/users/alice":           "getUser alice",
		"GET /v1/users/a%2Fb":           "getUser a/b",
		"POST /v1/users/alice/suspend":  "suspendUser alice",
		"POST /v1/users/alice/suspend/": "",
		"GET /users/alice":              "",
		"DELETE /v1/users/alice":        "",
		"POST /v1/ Action=List":         "list",
		"POST /v1/ Action=Drop":         "",
	} {
		words := append(strings.Fields(line), "")
		form, err := url.ParseQuery(words[2])
		require.NoError(t, err)
		o, in := s.Find(words[0], words[1], nil, form)
		got := ""
		if o != nil {
			got = strings.TrimSpace(o.ID + " " + in["id"])
		}
		require.Equal(t, want, got, line)
	}
}

// Each request and answer is as described, or what is not is told.
func TestExchanges(t *testing.T) {
	s := slice(t)
	bearer := http.Header{"Authorization": {"Bearer secret"}}
	with := func(pairs ...string) http.Header {
		h := bearer.Clone()
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	asJSON := []string{"Content-Type", "application/json; charset=utf-8", "X-Reason", "breach"}
	for _, c := range []struct {
		op, query, body string
		header          http.Header
		wrong           string // a part of what is told, "" for nothing
	}{
		{op: "getUser", header: bearer},
		{op: "getUser", header: bearer, query: "expand=groups,keys&limit=5"},
		{op: "getUser", header: bearer, query: "expand=other", wrong: "query expand:"},
		{op: "getUser", header: bearer, query: "limit=many", wrong: "query limit:"},
		{op: "getUser", header: bearer, query: "limit=101", wrong: "query limit:"},
		{op: "getUser", header: bearer, query: "filter=x", wrong: "query filter is not described"},
		{op: "getUser", header: http.Header{}, wrong: "nothing says who asks: the description wants header Authorization with bearer"},
		{op: "getUser", header: with("Authorization", "Basic eDp5"), wrong: "nothing says who asks"},
		{op: "me", header: http.Header{}},
		{op: "getUser", header: bearer, body: "{}", wrong: "there is a body, and none is described"},
		{op: "suspendUser", header: with(asJSON...), body: `{"why": "breach", "days": 3}`},
		{op: "suspendUser", header: with(asJSON...), wrong: "the body is missing"},
		{op: "suspendUser", header: with(asJSON...), body: `{"why": "breach"`, wrong: "not JSON"},
		{op: "suspendUser", header: with(asJSON...), body: `{}`, wrong: "why"},
		{op: "suspendUser", header: with(asJSON...), body: `{"why": "breach", "dais": 3}`, wrong: "body: dais: is not described"},
		{op: "suspendUser", header: with(asJSON...), body: `{"why": "breach", "days": 0}`, wrong: "0 is not more than 0"},
		{op: "suspendUser", header: with(asJSON...), body: `{"why": "breach", "days": "3"}`, wrong: "days"},
		{op: "suspendUser", header: with("Content-Type", "text/plain", "X-Reason", "breach"), body: `{}`, wrong: `it is "text/plain", described is application/json`},
		{op: "suspendUser", header: with("Content-Type", "application/json", "X-Reason", "x"), body: `{"why": "x"}`, wrong: "header X-Reason:"},
		{op: "suspendUser", header: with("Content-Type", "application/json"), body: `{"why": "x"}`, wrong: "header X-Reason is missing"},
		{op: "legacy", header: with("Content-Type", "application/x-www-form-urlencoded"), body: "user=alice&days=3"},
		{op: "legacy", header: with("Content-Type", "application/x-www-form-urlencoded"), body: "user=alice&days=long", wrong: "days"},
		{op: "list", header: with("Content-Type", "application/x-www-form-urlencoded"), body: "Action=List&Version=1"},
	} {
		o, ok := s.Operation(c.op)
		require.True(t, ok)
		query, err := url.ParseQuery(c.query)
		require.NoError(t, err)
		wrong := o.Request(map[string]string{"id": "alice"}, query, openapi.Message{Header: c.header, Body: []byte(c.body)})
		if c.wrong == "" {
			require.Empty(t, wrong, "%+v", c)
		} else {
			require.Contains(t, strings.Join(wrong, "\n"), c.wrong, "%+v", c)
		}
	}
	answered := http.Header{"Content-Type": {"application/json"}}
	for _, c := range []struct {
		op     string
		status int
		header http.Header
		body   string
		wrong  string
	}{
		{"getUser", 200, answered, `{"id": "1", "status": "ACTIVE", "until": null, "groups": [{"name": "x", "members": []}], "odd": [7], "profile": {"any": 1}}`, ""},
		{"getUser", 200, answered, `{"id": "1", "status": "ACTIVE", "manager": {"id": "2"}}`, "status"},
		{"getUser", 200, answered, `{"id": "1", "status": "GONE"}`, "is none of"},
		{"getUser", 200, answered, `{"id": "1", "status": "ACTIVE", "groups": [{"nam": "x"}]}`, "nam"},
		{"getUser", 200, answered, ``, "the body is missing"},
		{"getUser", 404, answered, `{"code": "E1"}`, ""},
		{"getUser", 500, answered, `{}`, "status 500 is not described"},
		{"suspendUser", 204, http.Header{"X-Left": {"3"}}, "", ""},
		{"suspendUser", 204, http.Header{"X-Left": {"some"}}, "", "header X-Left:"},
		{"suspendUser", 204, http.Header{}, "", "header X-Left is missing"},
		{"suspendUser", 204, http.Header{"X-Left": {"3"}}, "ok", "none is described"},
		{"suspendUser", 403, answered, `{"code": "E1"}`, ""},
		{"legacy", 200, answered, `{"id": "1"}`, "status"},
	} {
		o, ok := s.Operation(c.op)
		require.True(t, ok)
		wrong := o.Answer(c.status, openapi.Message{Header: c.header, Body: []byte(c.body)})
		if c.wrong == "" {
			require.Empty(t, wrong, "%+v", c)
		} else {
			require.Contains(t, strings.Join(wrong, "\n"), c.wrong, "%+v", c)
		}
	}
}

// What a newer description says differently of what is used is told, and what is
// new besides is not.
func TestDrift(t *testing.T) {
	s := slice(t, "getUser", "suspendUser")
	for _, c := range []struct {
		name, from, to string
		want           []openapi.Difference
	}{
		{"an operation is gone", "/users/{id}/suspend:", "/users/{id}/block:", []openapi.Difference{{Operation: "suspendUser", What: "it is POST /users/{id}/block now, and was POST /users/{id}/suspend"}}},
		{"another id is none", "operationId: suspendUser", "operationId: suspend", nil},
		{"a new property is none", "profile: {type: object}", "profile: {type: object}\n        nick: {type: string}", nil},
		{"what is not used is none", "Other: {type: string}", "Other: {type: integer}", nil},
		{"a property is gone", "        profile: {type: object}\n", "", []openapi.Difference{{"getUser", "answer 200 body.profile", "it is gone"}}},
		{"a type", "why: {type: string, maxLength: 20}", "why: {type: string, maxLength: 10}", []openapi.Difference{{"suspendUser", "request body.why", "maxLength: it is 10, and was 20"}}},
		{"a new bound", "days: {type: integer, ", "days: {type: integer, maximum: 9, ", []openapi.Difference{{"suspendUser", "request body.days", "maximum: it is 9, and was not said"}}},
		{"more values", "enum: [ACTIVE, SUSPENDED]", "enum: [ACTIVE, BLOCKED]", []openapi.Difference{
			{"getUser", "answer 200 body.status", "enum has no SUSPENDED any more"}, {"getUser", "answer 200 body.status", "enum has BLOCKED too"}}},
		{"has to be sent", "required: [why, id]", "required: [why, id, days]", []openapi.Difference{{"suspendUser", "request body", "days has to be sent now"}}},
		{"may be missing", "required: [id, status]", "required: [id]", []openapi.Difference{{"getUser", "answer 200 body", "status may be missing now"}}},
		{"a parameter", "{name: X-Reason, in: header, required: true, ", "{name: X-Why, in: header, required: true, ", []openapi.Difference{
			{"suspendUser", "header X-Reason", "it is gone"}, {"suspendUser", "header X-Why", "it has to be sent now"}}},
		{"an answer", `"204": {description: Done,`, `"200": {description: Done,`, []openapi.Difference{{"suspendUser", "answer 204", "it is gone"}}},
		{"said by allOf is none", "    Named: {type: object, properties: {name: {type: string}}}", "    Named: {allOf: [{type: object}, {properties: {name: {type: string}}}]}", nil},
		{"who asks", "security: [{token: []}]", "security: [{unused: []}]", []openapi.Difference{
			{"getUser", "who asks", "it is header Authorization with basic, and was header Authorization with bearer"},
			{"suspendUser", "who asks", "it is header Authorization with basic, and was header Authorization with bearer"}}},
		{"where", "example.com/v1/", "example.com/v2/", []openapi.Difference{{What: "server: it is https://{tenant}.example.com/v2, and was https://{tenant}.example.com/v1"}}},
		{"deprecated", "operationId: getUser\n", "operationId: getUser\n      deprecated: true\n", []openapi.Difference{{Operation: "getUser", What: "it is deprecated"}}},
	} {
		require.Contains(t, people, c.from, c.name)
		require.Equal(t, c.want, s.Drift(read(t, strings.Replace(people, c.from, c.to, 1))), c.name)
	}
}
