package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/command"
)

// people is a system whose people are behind a person's sign-in, and which tells
// secrets wherever it can.
type people struct{ asked int }

// canaries are what nobody may read in a file.
var canaries = []string{"device-canary", "renewing-canary", "access-canary", "header-canary", "query-canary", "json-canary", "xml-canary", "page-canary", "echoed-canary", "s3cret/canary+1"}

// written is how a system may write the phrase; none of it may be kept.
var written = []string{
	`s3cret\/canary+1`, "s3cret%2fcanary%2b1", "%73%33%63%72%65%74%2f%63%61%6e%61%72%79%2b%31", "7333637265742f63616e6172792b31",
	base64.RawURLEncoding.EncodeToString([]byte("irctl:s3cret/canary+1")), base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("s3cret/canary+1")))),
	"&#115;&#51;&#99;&#114;&#101;&#116;&#47;&#99;&#97;&#110;&#97;&#114;&#121;&#43;&#49;",
}

func formsOfPhrase() string {
	text, _ := json.Marshal(written)
	return string(text)
}

// moreSecrets are those of others that an answer may hold: each has the word spilt
// in it.
const moreSecrets = `{"pwd": "spilt-1", "tempPass": "spilt-2", "otp": "spilt-3", "pin": "spilt-4", "sid": "spilt-5", "bearer": "spilt-6", "private": "spilt-7",
	"client_assertion": "spilt-8", "recovery_codes": ["spilt-9"], "totp_seed": "spilt-10", "fields": [{"name": "api_key", "value": "spilt-11"}, {"key": "secret", "value": 5432178}],
	"link": "https://irctl:spilt-12@files.example.com/x", "signed": "https://files.example.com/x?sig=spilt-13", "text": "eyJhbGciOiJub25lIn0.eyJzcGlsdCI6MTR9.spilt-14",
	"pem": "-----BEGIN PRIVATE KEY-----\nspilt-15\n-----END PRIVATE KEY-----", "passwordExpired": true, "shipping": "kept-1", "side": "kept-2", "enabled": true}`

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Set-Cookie", "session=header-canary")
	w.Header().Set("X-Next-Token", "header-canary")
	switch {
	case r.URL.Path == "/device":
		_, _ = fmt.Fprint(w, `{"device_code": "device-canary", "user_code": "ABCD-EFGH", "verification_uri": "https://login.example.com/device", "interval": 1, "expires_in": 60}`)
	case r.URL.Path == "/token" && r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == "renewing-canary":
		_, _ = fmt.Fprint(w, `{"access_token": "access-canary", "token_type": "bearer"}`)
	case r.URL.Path == "/token":
		_, _ = fmt.Fprint(w, `{"access_token": "access-canary", "token_type": "bearer", "refresh_token": "renewing-canary"}`)
	case r.Header.Get("Authorization") != "Bearer access-canary":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/find":
		p.asked++
		_, _ = fmt.Fprintf(w, `{"id": "u1", "api_key": "json-canary", "note": "who asks has \u0061ccess-canary, %s and json-canary", "seen": %q, "next": "/page?at=2&page_token=page-canary", "forms": %s, "more": %s}`,
			base64.StdEncoding.EncodeToString([]byte("plain")), r.FormValue("answer"), formsOfPhrase(), moreSecrets)
	case r.URL.Path == "/users/u1":
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprint(w, `<User><id>u1</id><status>ACTIVE</status><SecretAccessKey>xml-canary</SecretAccessKey><note>page-canary xml&#45;canary</note></User>`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

const peopleConnector = `irctl: v1
kind: connector
name: people
summary: people behind a sign-in
source: {title: People, url: 'https://example.com', date: 2026-11-29, description: people.openapi.yaml}
config:
  url: {type: string, required: true}
  login: {type: string, secret: true, required: true}
  phrase: {type: string, secret: true, required: true}
base: ${{ config.url }}
auth: {device: {device_url: '${{ config.url }}/device', token_url: '${{ config.url }}/token', client_id: irctl, refresh_token: '${{ config.login }}'}}
actions:
  account.disable:
    look:
      found: {post: /find, query: {page_token: query-canary, who: '${{ inputs.account }}'}, body: {phrase: '${{ config.phrase }}', answer: plain, password: json-canary, echo: echoed-canary, session_id: echoed-canary}}
      user: {get: '/users/${{ found.json.id }}'}
    missing: user == null
    desired: user.xml.User.status == 'SUSPENDED'
    state: user.xml.User.status
    run: [{post: '/users/${{ found.json.id }}/suspend'}]
`

const peopleDescription = `openapi: 3.0.3
info: {title: People, version: "1"}
servers: [{url: 'https://people.example.com'}]
security: [{token: []}]
paths:
  /token:
    post:
      operationId: token
      security: []
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, additionalProperties: true}}}}
      responses: {200: {content: {application/json: {schema: {type: object, additionalProperties: true}}}}}
  /find:
    post:
      operationId: find
      parameters: [{name: page_token, in: query, schema: {type: string}}, {name: who, in: query, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, additionalProperties: true}}}}
      responses: {200: {content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}, api_key: {type: string}, note: {type: string}, seen: {type: string}, next: {type: string}, forms: {type: array, items: {type: string}}, more: {type: object, additionalProperties: true}}}}}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getUser
      responses: {200: {content: {text/xml: {schema: {type: object, xml: {name: User}, properties: {id: {type: string}, status: {type: string, enum: [ACTIVE, SUSPENDED]}, SecretAccessKey: {type: string}, note: {type: string}}}}}}}
  /users/{id}/suspend:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {operationId: suspend, responses: {204: {description: Done}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
`

const peopleCases = `irctl: v1
kind: connector-test
connector: people
config: {url: '${{ server }}'}
server:
  state:
    users: [{id: u1, status: ACTIVE}]
  operations:
    token: {answer: {access_token: '${{ token }}', token_type: bearer}}
    find: {one: users, answer: {id: '${{ it.id }}'}}
    getUser: {one: users, where: it.id == path.id, answer: {id: '${{ it.id }}', status: '${{ it.status }}'}}
    suspend: {one: users, where: it.id == path.id, set: {status: SUSPENDED}}
cases:
  - {action: account.disable, with: {account: alice}, state: SUSPENDED}
`

// Somebody signs in for a target by a code, and records what its system answers: a
// case that is played again, in which no secret is left.
func TestSomebodySignsInAndRecordsACase(t *testing.T) {
	system := &people{}
	server := httptest.NewServer(system)
	defer server.Close()
	a, out := stage(t)
	write := func(name, text string) {
		path := filepath.Join(a.Dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("connectors/people.yaml", peopleConnector)
	write("connectors/people.openapi.yaml", peopleDescription)
	write("connectors/people.test.yaml", peopleCases)
	write("phrase", "s3cret/canary+1\n")
	write("acme.yaml", "irctl: v1\nkind: environment\nname: acme\nsecrets:\n  LOGIN: {file: login}\n  PHRASE: {file: phrase}\nallow: {loopback: true}\ntargets:\n  directory:\n    type: people\n    config: {url: '"+server.URL+"', login: {secret: LOGIN}, phrase: {secret: PHRASE}}\n")
	irctl := func(args ...string) (int, string) {
		w := a.World
		w.Args, w.Getenv = args, func(name string) string {
			return map[string]string{"IRCTL_ENV": filepath.Join(a.Dir, "acme.yaml")}[name]
		}
		out.Reset()
		return Main(w), out.String()
	}

	code, said := irctl("connector", "login", "directory", "--to", "login")
	require.Equal(t, int(command.ExitDone), code, said)
	require.Contains(t, said, "Open https://login.example.com/device in a browser and type ABCD-EFGH. irctl waits.")
	kept, err := os.ReadFile(filepath.Join(a.Dir, "login"))
	require.NoError(t, err)
	require.Equal(t, "renewing-canary\n", string(kept))

	code, said = irctl("connector", "record", "directory", "account.disable", "--input", "account=alice")
	require.Equal(t, int(command.ExitDone), code, said)
	require.Contains(t, said, "irctl connector test people")
	cases, err := os.ReadFile(filepath.Join(a.Dir, "connectors", "people.test.yaml"))
	require.NoError(t, err)
	for _, canary := range canaries {
		for _, way := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary), base64.StdEncoding.EncodeToString([]byte(canary))} {
			require.NotContains(t, string(cases)+said, way)
		}
	}
	for _, way := range append([]string{"spilt", "c3BpbHQ", "5432178"}, written...) {
		require.NotContains(t, string(cases)+said, way)
	}
	for _, kept := range []string{"kept-1", "kept-2", "enabled: true", "passwordExpired: true"} {
		require.Contains(t, string(cases), kept)
	}
	require.Contains(t, string(cases), "request: GET /users/u1")
	require.Contains(t, string(cases), "state: ACTIVE")

	code, said = irctl("connector", "test", "people")
	require.Equal(t, int(command.ExitDone), code, said)
	require.Contains(t, said, "recorded on")

	// What the system answers otherwise than the description has it is told.
	write("connectors/people.openapi.yaml", strings.Replace(peopleDescription, "[ACTIVE, SUSPENDED]", "[SUSPENDED]", 1))
	_, said = irctl("connector", "test", "people")
	require.Contains(t, strings.Join(strings.Fields(said), " "), "what the system answered is not as described")

	code, said = irctl("connector", "record", "directory", "account.enable")
	require.Equal(t, int(command.ExitUsage), code, said)
	require.Contains(t, said, "account.disable")
	code, said = irctl("connector", "login", "directory")
	require.Equal(t, int(command.ExitUsage), code, said)
	require.Contains(t, said, "irctl connector login directory --to FILE")
	require.Positive(t, system.asked)
	require.NotEmpty(t, bytes.TrimSpace(kept))
}
