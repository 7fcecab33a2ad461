// Package http opens with [Request]: send one HTTP request.
package http

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// maxOutput is the most of an answer that becomes an output, in bytes.
const maxOutput = 64 << 10

// Request returns the action http.
func Request() action.Action { return request{} }

type request struct{}

// Spec implements action.Action.
func (request) Spec() action.Spec {
	return action.Spec{
		Name:    "http",
		Summary: "Send one HTTP request",
		Description: "Sends a request and checks the answer against `expect`. " +
			"Addresses of this machine and link-local addresses are refused unless the environment allows them, also behind names. Redirects are not followed. " +
			"A 429 or 503 answer's Retry-After is kept to by the step's `retry`. " +
			"Every method other than GET, HEAD and OPTIONS carries the step's idempotency key. " +
			"After a crash those three are sent again; for the others a person is asked, unless the step says `idempotent: true`. Undoing is what the step's own `undo` says.",
		Effect: action.Change,
		ReadIf: action.Choice{Input: "method", Values: []string{"GET", "HEAD", "OPTIONS"}},
		Inputs: []action.Field{
			{Name: "method", Type: action.Enum, Enum: []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}, Default: "GET", Description: "The method."},
			{Name: "url", Type: action.String, Required: true, Pattern: `https?://.+`, Description: "Where the request goes, without user and password.", Example: "https://status.example.com/api/incidents"},
			{Name: "headers", Type: action.Map, Items: action.String, Secret: true, Description: "Headers. They may be secrets.", Example: `{Authorization: "Bearer ${{ inputs.token }}"}`},
			{Name: "body", Type: action.Any, Secret: true, Description: "What is sent: a text as it is, a map or list as JSON. It may hold secrets.", Example: "{name: Portal, status: investigating}"},
			{Name: "expect", Type: action.Map, Description: "What the answer must be; by default any status from 200 to 299.", Example: "{status: [200, 202], json: {state: accepted}}", Fields: []action.Field{
				{Name: "status", Type: action.List, Items: action.Int, Description: "The status is one of these.", Example: "[200, 404]"},
				{Name: "json", Type: action.Map, Items: action.Any, Description: "The answer's JSON has this value at each path, such as items.0.state.", Example: "{state: accepted}"},
				{Name: "contains", Type: action.String, Description: "The answer contains this text.", Example: "maintenance"},
			}},
			{Name: "idempotency_header", Type: action.String, Default: "Idempotency-Key", Description: "The header that carries the idempotency key."},
			{Name: "timeout", Type: action.Duration, Default: "30s", Description: "How long the request may take, until the last byte of the answer."},
			{Name: "ca_file", Type: action.String, Description: "PEM file of certificate authorities to trust beside the machine's own."},
		},
		Outputs: []action.Field{
			{Name: "status", Type: action.Int, Description: "The answer's status."},
			{Name: "body", Type: action.String, Description: "The answer, if it has at most 65536 bytes, made harmless to show."},
			{Name: "json", Type: action.Any, Description: "The answer as data, if it is JSON of at most 16 MiB."},
			{Name: "headers", Type: action.Map, Items: action.String, Description: "The answer's headers by their names in lower case, except cookies."},
		},
		Example: `- id: status-page
  uses: http
  with:
    method: POST
    url: https://status.example.com/api/incidents
    headers: {Authorization: "Bearer ${{ inputs.token }}"}
    body: {name: Portal, status: investigating}
    expect: {status: [201]}
  retry: {attempts: 3, delay: 5s}
`,
	}
}

// Run implements action.Action.
func (request) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	client, err := httpclient.New(req.Allow, httpclient.Options{Timeout: req.With.Duration("timeout"), CAFile: req.With.String("ca_file")})
	if err != nil {
		return action.Result{}, err
	}
	body, kind, err := body(req.With["body"])
	if err != nil {
		return action.Result{}, err
	}
	method := req.With.String("method")
	resp, err := client.Do(ctx, httpclient.Request{
		Method: method, URL: req.With.String("url"), Header: req.With.Map("headers"),
		Body: body, ContentType: kind, Key: req.Key, KeyHeader: req.With.String("idempotency_header"),
	})
	if err != nil {
		return action.Result{}, err
	}
	if len(resp.Body) > maxOutput {
		if _, _, err := out.Artifact("body", strings.NewReader(string(resp.Body))); err != nil {
			out.Progress("the answer could not be kept: " + err.Error())
		}
	}
	if err := met(req.With.Map("expect"), resp); err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: outputs(resp), Changed: httpclient.Unsafe(method), Summary: fmt.Sprintf("answered %d", resp.Status)}, nil
}

// Inspect implements action.Inspector. It sends nothing: what a request does
// cannot be seen from outside, only whether sending it again is harmless.
func (request) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	return action.Inspection{Repeatable: !httpclient.Unsafe(req.With.String("method")), Current: "not looked at", Want: "the request is answered as expected"}, nil
}

func body(v any) (text []byte, contentType string, err error) {
	switch v := v.(type) {
	case nil:
		return nil, "", nil
	case string:
		return []byte(v), "text/plain; charset=utf-8", nil
	case action.Secret:
		return []byte(v.Reveal()), "text/plain; charset=utf-8", nil
	}
	text, err = data.Encode(data.Wire(v))
	if err != nil {
		return nil, "", &action.Error{Message: "the body cannot be written as JSON", Permanent: true}
	}
	return text, "application/json", nil
}

// met compares an answer with what was expected of it.
func met(expect action.Values, resp httpclient.Response) error {
	var want []int
	for _, v := range expect.List("status") {
		if i, ok := v.(int64); ok {
			want = append(want, int(i))
		}
	}
	if !resp.Success(want...) {
		return resp.Unexpected()
	}
	if text := expect.String("contains"); text != "" && !strings.Contains(string(resp.Body), text) {
		return &action.Error{Message: fmt.Sprintf("the answer does not contain %q", action.CleanLine(text, 100))}
	}
	paths := expect.Map("json")
	if len(paths) == 0 {
		return nil
	}
	answer, err := resp.JSON()
	if err != nil {
		return &action.Error{Message: "the answer is not the JSON that was expected", Cause: err}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		got, ok := httpclient.Find(answer, path)
		if !ok {
			return &action.Error{Message: fmt.Sprintf("the answer has no %q", action.CleanLine(path, 100))}
		}
		if !data.Same(got, paths[path]) {
			return &action.Error{Message: fmt.Sprintf("%s is %s in the answer, not %s", action.CleanLine(path, 100), shown(got), shown(paths[path]))}
		}
	}
	return nil
}

func shown(v any) string {
	b, err := data.Encode(v)
	if err != nil {
		return "something else"
	}
	return action.CleanLine(string(b), 100)
}

func outputs(resp httpclient.Response) map[string]any {
	out := map[string]any{
		"status":  int64(resp.Status),
		"body":    action.Clean(string(resp.Body)),
		"headers": resp.Headers(),
	}
	if len(resp.Body) > maxOutput { // a part must not pass for the whole
		out["body"] = &action.Error{Message: fmt.Sprintf("the answer is longer than %d bytes, the most that becomes a text", maxOutput), Hint: "ask for less at a time, or read `json`"}
	}
	if resp.Cut {
		out["json"] = &action.Error{Message: fmt.Sprintf("the answer is longer than %d bytes, the most that is read as JSON", httpclient.MaxBody), Hint: "ask for less at a time"}
	} else if answer, err := resp.JSON(); err == nil {
		out["json"] = data.Clean(answer)
	}
	return out
}
