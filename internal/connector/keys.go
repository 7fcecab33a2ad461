package connector

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
)

// Table is the keys of a connector's file.
func Table() language.Table { return fileTable }

var fileTable = language.NewTable(append(language.Header("connector"),
	language.Key{Name: "name", Required: true, Forms: language.AName(language.StepName), Example: "okta",
		Description: "The connector's short name: the type of its targets."},
	language.Key{Name: "title", Forms: language.AText(), Example: "Okta",
		Description: "What people read instead of the name."},
	language.Key{Name: "summary", Required: true, Forms: language.AText(), Example: "people and sessions of an Okta organization",
		Description: "What kind of system a target is, in half a sentence."},
	language.Key{Name: "source", Forms: language.AMapping(sourceTable), Example: "{title: Okta Management API, url: 'https://developer.okta.com', date: 2026-11-20}",
		Description: "The public reference that it was written from."},
	language.Key{Name: "config", Forms: language.Entries(language.VariableName, declared(configTable)...), Example: "{url: {type: string, required: true}, token: {type: string, secret: true, required: true}}",
		Description: "The fields of a target of this type, declared as the inputs of a runbook are; requests read them as `${{ config.NAME }}`."},
	language.Key{Name: "base", Required: true, Forms: language.AText(), Example: "${{ config.url }}",
		Description: "The URL that every path is added to. Its host is the only one that is reached."},
	language.Key{Name: "reach", Forms: language.Texts(), Example: "['https://login.example.com']",
		Description: "URLs of further hosts that may be reached."},
	language.Key{Name: "auth", Forms: language.AMapping(authTable), Example: "{bearer: '${{ config.token }}'}",
		Description: "How requests prove who sends them; nothing by default."},
	language.Key{Name: "headers", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{Accept: application/json}",
		Description: "Headers of every request."},
	language.Key{Name: "timeout", Forms: duration(), Default: "30s", Example: "30s",
		Description: "How long one request may take."},
	language.Key{Name: "idempotency", Forms: language.AMapping(idempotencyTable), Example: "{header: Idempotency-Key, deduplicates: true}",
		Description: "How the system tells that a request that changes something is a repetition."},
	language.Key{Name: "rate_reset", Forms: language.AText(), Example: "X-Rate-Limit-Reset",
		Description: "The header of an answer 429 that says when the limit ends, in seconds since 1970; Retry-After is read by itself."},
	language.Key{Name: "xml_lists", Forms: language.Texts(), Example: "[AccessKeyMetadata]",
		Description: "The names of the elements of XML that are lists, of all that they hold: without it, one with a single element in it would be none."},
	language.Key{Name: "errors", Forms: list(ruleTable), Example: "[{when: \"answer.json.code == 'E1'\", permanent: true}]",
		Description: "What answers mean that are errors, beside what their status says."},
	language.Key{Name: "check", Forms: list(requestTable), Example: "[{get: /api/me}]",
		Description: "Requests that tell before an incident whether the credentials work; they change nothing."},
	language.Key{Name: "actions", Required: true, Forms: []language.Form{{Shape: language.EntriesShape, Name: language.AnyName, Of: language.AMapping(actionTable), Filled: true}}, Example: "{account.disable: {run: [{post: '/users/${{ inputs.account }}/suspend'}]}}",
		Description: "What can be done to such a system: actions of irctl by their names, or new ones."},
)...)

func duration() []language.Form { return []language.Form{{Shape: language.DurationShape}} }

func list(of language.Table) []language.Form {
	return []language.Form{{Shape: language.ListShape, Of: language.AMapping(of)}}
}

// declared are the forms of declarations with the keys of a table.
func declared(t language.Table) []language.Form {
	types, _ := t.Key("type")
	return []language.Form{{Shape: language.FieldsShape, Keys: &t}, {Shape: language.WordShape, Words: types.Forms[0].Words}, {Shape: language.EmptyShape}}
}

var (
	exampleKey = language.Key{Name: "example", Forms: language.AText(), Example: "alice",
		Description: "A value, as help shows it."}

	touchWords = []string{string(action.Account), string(action.Machine), string(action.Address)}

	configTable = fields(exampleKey, language.Key{Name: "path", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether it is the path of a file; a relative one begins at the environment's folder."})
	inputTable = fields(exampleKey, language.Key{Name: "subject", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether it says of what in the target the action is; others say how."},
		language.Key{Name: "touches", Forms: language.AWord(touchWords...), Example: "account",
			Description: "What it names that is changed: protected things and limits go by it. Without it an input that is called account, host or the like does."})
	outputTable = fields(language.Key{Name: "value", Required: true, Forms: language.AText(), Example: "made.json.id",
		Description: "CEL: the value."})
)

// fields are the keys of an input's declaration, but for what only runbooks
// need, and more.
func fields(more ...language.Key) language.Table {
	kept := slices.DeleteFunc(slices.Clone(language.InputTable().Keys), func(k language.Key) bool {
		return slices.Contains([]string{"identifies", "min", "max"}, k.Name)
	})
	return language.NewTable(append(kept, more...)...)
}

var sourceTable = language.NewTable(
	language.Key{Name: "title", Required: true, Forms: language.AText(), Example: "Okta Management API",
		Description: "What the reference is called."},
	language.Key{Name: "url", Required: true, Forms: language.AText(), Example: "https://developer.okta.com/docs/api/",
		Description: "Where it is published."},
	language.Key{Name: "date", Required: true, Forms: language.AText(), Example: "2026-11-20",
		Description: "When it was read."},
	language.Key{Name: "description", Forms: language.AText(), Example: "okta.openapi.json",
		Description: "The file beside this one that holds what is used of a machine-readable description, by which `irctl connector test` goes."},
	language.Key{Name: "checked", Forms: language.AText(), Example: "okta-management-openapi-spec 2026.06.3",
		Description: "What that file was compared with by `irctl connector drift`, with its version, if it was not cut out of it; without this and `sha256` the connector is unverified: what it goes by is prose."},
	language.Key{Name: "sha256", Forms: language.AText(), Example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Description: "The SHA-256 of the whole description that the part was taken from."},
)

var authTable = language.NewTable(
	language.Key{Name: "bearer", Forms: language.AText(), Example: "${{ config.token }}",
		Description: "A token (RFC 6750)."},
	language.Key{Name: "basic", Forms: language.AMapping(text("user", true, "password", true)), Example: "{user: '${{ config.user }}', password: '${{ config.password }}'}",
		Description: "A user and a password (RFC 7617)."},
	language.Key{Name: "header", Forms: language.AMapping(text("name", true, "value", true)), Example: "{name: X-Api-Key, value: '${{ config.key }}'}",
		Description: "A header of the system's own."},
	language.Key{Name: "query", Forms: language.AMapping(text("name", true, "value", true)), Example: "{name: api_key, value: '${{ config.key }}'}",
		Description: "A name in the query: servers write it into their logs."},
	language.Key{Name: "oauth2", Forms: language.AMapping(text("token_url", true, "client_id", true, "client_secret", true, "scopes", false, "audience", false)), Example: "{token_url: 'https://login.example.com/token', client_id: '${{ config.client }}', client_secret: '${{ config.secret }}'}",
		Description: "OAuth 2 client credentials (RFC 6749 section 4.4). The token's host must be below `reach`."},
	language.Key{Name: "device", Forms: language.AMapping(text("device_url", true, "token_url", true, "client_id", true, "client_secret", false, "scopes", false, "refresh_token", true)), Example: "{device_url: 'https://login.example.com/device', token_url: 'https://login.example.com/token', client_id: irctl, refresh_token: '${{ config.refresh_token }}'}",
		Description: "OAuth 2 for a person: `irctl connector login` asks once for a code (RFC 8628) and keeps what later runs renew tokens with."},
	language.Key{Name: "aws", Forms: language.AMapping(text("access_key", true, "secret_key", true, "session_token", false, "region", true, "service", true)), Example: "{access_key: '${{ config.id }}', secret_key: '${{ config.key }}', region: us-east-1, service: iam}",
		Description: "AWS Signature Version 4."},
	language.Key{Name: "certificate", Forms: language.AMapping(text("cert_file", true, "key_file", true)), Example: "{cert_file: '${{ config.certificate }}', key_file: '${{ config.key }}'}",
		Description: "A client's certificate and its key, as PEM files (mutual TLS); alone, or beside another proof."},
)

// text is a table of texts, each with whether it must be there.
func text(namesAndNeeds ...any) language.Table {
	var keys []language.Key
	for i := 0; i < len(namesAndNeeds); i += 2 {
		name := namesAndNeeds[i].(string)
		keys = append(keys, language.Key{Name: name, Required: namesAndNeeds[i+1].(bool), Forms: language.AText(), Example: "x", Description: partWords[name]})
	}
	return language.NewTable(keys...)
}

// partWords say what the parts of a proof are.
var partWords = map[string]string{
	"user": "The user.", "password": "The password.", "name": "The name.", "value": "The value.",
	"token_url": "Where tokens are given.", "device_url": "Where codes for a person are given.", "client_id": "The client.", "client_secret": "The client's secret.",
	"scopes": "The scopes, with spaces between.", "audience": "Whom the token is for.", "refresh_token": "What `irctl connector login` kept.",
	"access_key": "The id of the access key.", "secret_key": "The secret access key.", "session_token": "The token of temporary credentials.",
	"region": "The region.", "service": "The service's name in signatures.", "cert_file": "The certificate, with those above it.", "key_file": "Its key.",
}

var idempotencyTable = language.NewTable(
	language.Key{Name: "header", Required: true, Forms: language.AText(), Example: "Idempotency-Key",
		Description: "The header that carries the step's key on every request that changes something."},
	language.Key{Name: "deduplicates", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether the system carries out nothing twice that bears the same key: then a request can be sent again after a crash."},
)

var ruleTable = language.NewTable(
	language.Key{Name: "when", Required: true, Forms: language.AText(), Example: "answer.json.code == 'E1'",
		Description: "CEL over `answer`: which answers are meant; one for which it cannot be worked out is not."},
	language.Key{Name: "absent", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether it says that what was asked for is not there: then it is no error, and the result is null."},
	language.Key{Name: "permanent", Forms: language.YesNo(), Example: "true",
		Description: "Whether trying again cannot help; as the status says without it."},
	language.Key{Name: "doubt", Forms: language.YesNo(), Example: "false",
		Description: "Whether the request may have been carried out all the same; as the status says without it."},
	language.Key{Name: "say", Forms: language.AText(), Example: "managed elsewhere, says ${{ answer.json.summary }}",
		Description: "What happened, for people."},
	language.Key{Name: "hint", Forms: language.AText(), Example: "disable it in the directory that it comes from",
		Description: "What to do next."},
)

var actionTable = language.NewTable(
	language.Key{Name: "summary", Forms: language.AText(), Example: "Take a message out of every mailbox",
		Description: "Of a new action: what it does, in one line."},
	language.Key{Name: "description", Forms: language.AText(), Example: "Searches for the message and purges it.",
		Description: "Of a new action: what it does, what it verifies, what undo does."},
	language.Key{Name: "effect", Forms: language.AWord("read", "change", "irreversible"), Example: "change",
		Description: "Of a new action: whether it changes something, and whether that can be put back."},
	language.Key{Name: "traits", Forms: language.Texts(), Example: "[locks-out]",
		Description: "Of a new action: what reviewers of a runbook have to know besides."},
	language.Key{Name: "counterpart", Forms: language.AText(), Example: "account.enable",
		Description: "Of a new action: the one that reverses it by hand."},
	language.Key{Name: "inputs", Forms: language.Entries(language.VariableName, declared(inputTable)...), Example: "{account: {type: string, required: true, subject: true}}",
		Description: "Of a new action: its inputs."},
	language.Key{Name: "look", Forms: language.Entries(language.VariableName, language.AMapping(requestTable)...), Example: "{user: {get: '/users/${{ inputs.account }}', absent: [404]}}",
		Description: "Requests that change nothing, each by the name of its result: {status, headers, json, xml, text, items}."},
	language.Key{Name: "missing", Forms: language.AText(), Example: "user == null",
		Description: "CEL: there is nothing to act on, which is an error."},
	language.Key{Name: "desired", Forms: language.AText(), Example: "user.json.status == 'SUSPENDED'",
		Description: "CEL: it is as the action leaves it."},
	language.Key{Name: "state", Forms: language.AText(), Example: "user.json.status",
		Description: "CEL: how it is, in a few words for people."},
	language.Key{Name: "keep", Forms: language.Entries(language.VariableName, language.AText()...), Example: "{status: user.json.status}",
		Description: "CEL by names: what is recorded before the first change; undo reads it as `record.NAME`."},
	language.Key{Name: "run", Forms: list(requestTable), Example: "[{post: '/users/${{ user.json.id }}/suspend'}]",
		Description: "Requests that bring it about, in order, each harmless when it is repeated."},
	language.Key{Name: "verify", Forms: language.AMapping(verifyTable), Example: "{look: {login: {post: /login}}, holds: login.status == 401}",
		Description: "What is looked at as those concerned would, once `desired` holds."},
	language.Key{Name: "undo", Forms: language.AMapping(undoTable), Example: "{run: [{post: '/users/${{ user.json.id }}/unsuspend'}], undone: user.json.status == record.status}",
		Description: "How it is put back."},
	language.Key{Name: "outputs", Forms: language.Entries(language.VariableName, append(language.AText(), language.AMapping(outputTable)...)...), Example: "{case: made.json.id}",
		Description: "CEL by the names of the action's outputs; those of a new action are declared here."},
	language.Key{Name: "once", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether what may have been done must not be done again by itself, although `desired` is false: what a search finds late."},
	language.Key{Name: "settle", Forms: duration(), Default: "10s", Example: "10s",
		Description: "How long the system may take until a look shows the change."},
)

var verifyTable = language.NewTable(
	language.Key{Name: "look", Required: true, Forms: language.Entries(language.VariableName, language.AMapping(requestTable)...), Example: "{login: {post: /login, expect: 'true'}}",
		Description: "Requests, each by the name of its result."},
	language.Key{Name: "holds", Required: true, Forms: language.AText(), Example: "login.status == 401",
		Description: "CEL: it is seen."},
)

var undoTable = language.NewTable(
	language.Key{Name: "when", Forms: language.AText(), Example: "record.status == 'ACTIVE'",
		Description: "CEL: there is something to put back; always without it."},
	language.Key{Name: "run", Required: true, Forms: list(requestTable), Example: "[{post: '/users/${{ user.json.id }}/unsuspend'}]",
		Description: "Requests, in order, each harmless when it is repeated; results of `look` are there anew."},
	language.Key{Name: "undone", Required: true, Forms: language.AText(), Example: "user.json.status == record.status",
		Description: "CEL: it is as it was before."},
)

var methods = []string{"get", "head", "post", "put", "patch", "delete"}

var requestTable = language.Table{OneOf: methods}.With(append(verbs(),
	language.Key{Name: "as", Forms: language.AName(language.VariableName), Example: "made",
		Description: "What the result is called by later requests and by outputs."},
	language.Key{Name: "query", Forms: language.Entries(language.AnyName, language.Form{Shape: language.AnyShape}), Example: "{limit: 200}",
		Description: "The query; what has no value is left out, a list is sent several times."},
	language.Key{Name: "headers", Forms: language.Entries(language.AnyName, language.AText()...), Example: "{If-Match: '${{ user.headers.etag }}'}",
		Description: "Further headers."},
	language.Key{Name: "body", Forms: []language.Form{{Shape: language.AnyShape}}, Example: "{active: false}",
		Description: "What is sent as JSON; a value that is one `${{ }}` keeps its type, and is left out if it has none."},
	language.Key{Name: "form", Forms: language.Entries(language.AnyName, language.Form{Shape: language.AnyShape}), Example: "{active: 'false'}",
		Description: "What is sent as a form instead."},
	language.Key{Name: "when", Forms: language.AText(), Example: "user.json.active",
		Description: "CEL: it is sent only if this holds; else its result is null."},
	language.Key{Name: "each", Forms: language.AText(), Example: "rules.items",
		Description: "CEL: a list, for each element of which it is sent; the element is `item`."},
	language.Key{Name: "expect", Forms: language.AText(), Example: "answer.status == 202",
		Description: "CEL over `answer`: the answer is a good one; any status from 200 to 299 without it."},
	language.Key{Name: "absent", Forms: []language.Form{{Shape: language.ListShape, Of: []language.Form{{Shape: language.WholeShape, Least: 100, Most: 599}}}}, Example: "[404]",
		Description: "Statuses that say that it is not there: the result is null."},
	language.Key{Name: "pages", Forms: language.AMapping(pagesTable), Example: "{list: answer.json, next: link}",
		Description: "How a long answer goes on; the result's `items` are those of all pages."},
	language.Key{Name: "wait", Forms: language.AMapping(waitTable), Example: "{get: '/jobs/${{ answer.json.id }}', until: answer.json.done}",
		Description: "What is asked until a long operation has ended; its last answer is the result."},
)...)

// verbs are the keys that a request begins with.
func verbs() []language.Key {
	var keys []language.Key
	for _, m := range methods {
		keys = append(keys, language.Key{Name: m, Forms: language.AText(), Example: "/users",
			Description: "The path, added to `base`. A `${{ }}` in it is one part of the path; if it is all of it, it may be an URL of `base` or `reach`."})
	}
	return keys
}

var pagesTable = language.NewTable(
	language.Key{Name: "list", Required: true, Forms: language.AText(), Example: "answer.json.users",
		Description: "CEL over `answer`: the list that a page holds."},
	language.Key{Name: "next", Required: true, Forms: language.AText(), Example: "link",
		Description: "What leads to the next page: `link` for the header Link (RFC 8288), or CEL over `answer` that gives an URL, a path, or a value for `query`; nothing, \"\" or false ends it."},
	language.Key{Name: "query", Forms: language.AText(), Example: "cursor",
		Description: "The name in the query under which `next` is sent."},
	language.Key{Name: "most", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 100000}}, Default: "10000", Example: "10000",
		Description: "The most elements; more of them are an error, and never cut off."},
)

var waitTable = language.NewTable(
	language.Key{Name: "get", Required: true, Forms: language.AText(), Example: "/jobs/${{ answer.json.id }}",
		Description: "The path or URL that tells how far it is; `answer` is the one before."},
	language.Key{Name: "until", Required: true, Forms: language.AText(), Example: "answer.json.status == 'done'",
		Description: "CEL over `answer`: it has ended well."},
	language.Key{Name: "failed", Forms: language.AText(), Example: "answer.json.status == 'failed'",
		Description: "CEL over `answer`: it has failed."},
	language.Key{Name: "every", Forms: duration(), Default: "2s", Example: "2s",
		Description: "How often it is asked."},
	language.Key{Name: "within", Forms: duration(), Default: "5m", Example: "5m",
		Description: "How long it may take; then the outcome is in doubt."},
)
