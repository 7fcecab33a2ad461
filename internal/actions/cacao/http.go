package cacao

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// HTTP returns the action cacao.http.
func HTTP() action.Action { return request{} }

// OpenC2 returns the action cacao.openc.
func OpenC2() action.Action { return request{openc2: true} }

// request is both: OpenC2 over HTTP is a POST with a content of its own.
type request struct{ openc2 bool }

// openC2Type is the media type of a command (OpenC2 HTTPS transfer section 3.2).
const openC2Type = "application/openc2+json;version=1.0"

var (
	headersInput    = action.Field{Name: "headers", Type: action.Map, Items: action.List, Description: "Headers: for each name a list of texts.", Example: "{Content-Type: [application/json]}"}
	contentInput    = action.Field{Name: "content", Type: action.String, Description: "What is sent.", Example: `'{"address": "__ip__:value"}'`}
	contentB64Input = action.Field{Name: "content_b64", Type: action.String, Description: "What is sent, in base64 (RFC 4648 section 4). References inside count, too."}
)

const putIn = "Values are escaped for the place where they stand: percent-encoded in the path and query, as text inside JSON and XML, percent-encoded in a form; a header refuses line ends. Elsewhere they are sent as they are. "

// Spec implements action.Action.
func (r request) Spec() action.Spec {
	s := action.Spec{
		Name:    "cacao.http",
		Summary: "Send a playbook's HTTP request",
		Description: "Sends the request to the target's URL. " + putIn +
			"Any status but 2xx is a failure, and redirects are not followed. What the target says about auth and headers takes the place of what the playbook says. " +
			"After a crash GET, HEAD and OPTIONS are sent again; for the other methods a person decides. Undoing is what the step's own `undo` says.",
		Effect: action.Change,
		Inputs: inputs("The first line of the request (RFC 9112 section 3).", "GET /api/hosts/__ip__:value HTTP/1.1", headersInput, contentInput, contentB64Input),
		Example: `- id: block
  uses: cacao.http
  target: firewall
  with:
    command: POST /api/blocked HTTP/1.1
    headers: {Content-Type: [application/json]}
    content: '{"address": "__ip__:value"}'
    variables: {__ip__: 192.0.2.7}
    take: {__rule__: {from: json, path: $.id}}
`,
	}
	if r.openc2 {
		s.Name, s.Summary = "cacao.openc", "Send a playbook's OpenC2 command over HTTP"
		s.Description = "Sends the command to the target's URL as a POST with the media type of OpenC2, unless the headers name another. " + putIn +
			"Any status but 2xx is a failure. After a crash a person decides. Undoing is what the step's own `undo` says."
		s.Inputs = inputs("The first line of the request (RFC 9112 section 3); the method is POST.", "POST /openc2 HTTP/1.1", headersInput, contentB64Input)
		s.Example = `- id: deny
  uses: cacao.openc
  target: firewall
  with:
    command: POST /openc2 HTTP/1.1
    content_b64: eyJhY3Rpb24iOiJkZW55IiwidGFyZ2V0Ijp7ImlwdjRfbmV0IjoiX19pcF9fOnZhbHVlIn19
    variables: {__ip__: 192.0.2.7}
`
	}
	s.Outputs = []action.Field{
		{Name: "status", Type: action.Int, Description: "The answer's status."},
		{Name: "headers", Type: action.Map, Items: action.String, Description: "The answer's headers by their names in lower case, except cookies."},
		{Name: "body", Type: action.String, Description: "The answer, made harmless to show; no value if it is longer than 64 KiB."},
		taken,
	}
	s.Targets = []action.TargetType{httpTarget()}
	return s
}

// Validate implements action.Validator.
func (r request) Validate(with action.Values, _ string) []action.Problem {
	return validate(with, func(line string, vars values) error {
		verb, _, err := startLine(line, vars)
		if err == nil && r.openc2 && verb != http.MethodPost {
			err = notPost(verb)
		}
		return err
	})
}

// Run implements action.Action.
func (r request) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	send, err := r.build(req)
	if err != nil {
		return action.Result{}, err
	}
	var left time.Duration
	if end, ok := ctx.Deadline(); ok {
		left = max(time.Until(end), time.Millisecond)
	}
	c, err := client(req, left)
	if err != nil {
		return action.Result{}, err
	}
	resp, err := c.Do(ctx, send)
	if err != nil {
		return action.Result{}, err
	}
	if len(resp.Body) > maxOutput {
		if _, _, err := out.Artifact("body", strings.NewReader(string(resp.Body))); err != nil {
			out.Progress("the answer could not be kept: " + err.Error())
		}
	}
	if !resp.Success() {
		return action.Result{}, resp.Unexpected()
	}
	got, err := takeAll(req.With.Map("take"), answer{resp: resp})
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: httpclient.Unsafe(send.Method), Summary: fmt.Sprintf("answered %d", resp.Status), Outputs: map[string]any{
		"status":  int64(resp.Status),
		"headers": resp.Headers(),
		"body":    whole(string(resp.Body), "the answer"),
		"values":  got,
	}}, nil
}

// build makes the request that a command asks for.
func (r request) build(req action.Request) (httpclient.Request, error) {
	vars := values(req.With.Map("variables"))
	line, err := commandText(req.With)
	if err != nil {
		return httpclient.Request{}, err
	}
	verb, target, err := startLine(line, vars)
	if err != nil {
		return httpclient.Request{}, err
	}
	if r.openc2 && verb != http.MethodPost {
		return httpclient.Request{}, notPost(verb)
	}
	header, mediaType, err := r.header(req, vars)
	if err != nil {
		return httpclient.Request{}, err
	}
	body, err := r.body(req.With, mediaType, vars)
	if err != nil {
		return httpclient.Request{}, err
	}
	return httpclient.Request{
		Method: verb, URL: strings.TrimSuffix(req.Target.Config.String("url"), "/") + target,
		Header: header, Body: body, Key: req.Key,
	}, nil
}

func notPost(verb string) error {
	return permanent("an OpenC2 command is sent by POST, not by "+verb, "write POST TARGET HTTP/1.1")
}

// header puts values into the headers and the target's own in their place.
func (r request) header(req action.Request, vars values) (header map[string]any, mediaType string, err error) {
	header = map[string]any{}
	if r.openc2 {
		header["Content-Type"] = []any{openC2Type}
	}
	given := req.With.Map("headers")
	for _, name := range slices.Sorted(maps.Keys(given)) {
		var lines []any
		for _, text := range given.Strings(name) {
			line, err := vars.substitute(text, intoHeader)
			if err != nil {
				return nil, "", err
			}
			lines = append(lines, line)
		}
		header[http.CanonicalHeaderKey(name)] = lines
	}
	for name, value := range req.Target.Config.Map("headers") {
		header[http.CanonicalHeaderKey(name)] = []any{value}
	}
	if len(req.Target.Config.Map("auth")) > 0 {
		delete(header, "Authorization")
	}
	if lines, ok := header["Content-Type"].([]any); ok && len(lines) > 0 {
		mediaType = textOf(lines[0])
	}
	return header, mediaType, nil
}

func intoHeader(ref reference.Place, value string) (string, error) {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }) {
		return "", permanent("the value of "+ref.Name+" holds a line end or control character and cannot stand in a header", "look where the value comes from")
	}
	return value, nil
}

func (r request) body(with action.Values, mediaType string, vars values) ([]byte, error) {
	text, err := given(with, "content")
	if err != nil {
		return nil, err
	}
	if r.openc2 && text == "" {
		return nil, permanent("an OpenC2 command has its content in content_b64, and there is none", "")
	}
	return content(text, mediaType, vars)
}

// Inspect implements action.Inspector. It sends nothing, and says what would
// be sent.
func (r request) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	send, err := r.build(req)
	if err != nil {
		return action.Inspection{}, err
	}
	return action.Inspection{
		Repeatable: !httpclient.Unsafe(send.Method), Current: "not looked at",
		Want: fmt.Sprintf("%s %s is sent and answered with 2xx", send.Method, action.CleanLine(send.URL, 160)),
	}, nil
}

// Preflight implements action.Preflighter: does the server answer, and does it
// accept the credentials for what it shows first?
func (r request) Preflight(ctx context.Context, req action.Request) []error {
	c, err := client(req, 0)
	if err != nil {
		return []error{err}
	}
	resp, err := c.Do(ctx, httpclient.Request{Method: http.MethodHead, URL: req.Target.Config.String("url"), Header: req.Target.Config.Map("headers")})
	switch {
	case err != nil:
		return []error{err}
	case resp.Status == http.StatusUnauthorized:
		return []error{resp.Unexpected()}
	}
	return nil
}
