package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

const keyPlaceholder = "{key}"

// webhook posts to an address that takes JSON.
type webhook struct{}

func (webhook) Target() action.TargetType {
	return action.TargetType{
		Name:    "webhook",
		Summary: "an address that takes messages as JSON, as chat systems offer",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Description: "Where messages are posted.", Example: "https://chat.example.com/rooms/incident"},
			{Name: "secret_url", Type: action.String, Secret: true, Description: "The same as a secret, instead of url: the address of many chat systems is a credential.", Example: "{secret: WAR_ROOM_URL}"},
			{Name: "token", Type: action.String, Secret: true, Description: "A bearer token (RFC 6750)."},
			{Name: "headers", Type: action.Map, Secret: true, Description: "More headers of the request."},
			{Name: "deduplicates", Type: action.Bool, Default: false, Description: "The system drops a message whose Idempotency-Key it has seen."},
			{Name: "lookup", Type: action.String, Description: "An address that answers 200 when the message with {key} arrived, and 404 when not.", Example: "https://chat.example.com/messages/{key}"},
			{Name: "ca_file", Type: action.String, Path: true, Description: "Further certificate authorities, in PEM."},
		},
		Example: `war-room:
  type: webhook
  owner: security-oncall@example.com
  fallback: Open the conference bridge.
  config:
    secret_url: {secret: WAR_ROOM_URL}
    deduplicates: true
`,
		Check: func(config action.Values) []action.Problem {
			problems := checkLookup(config, keyPlaceholder)
			if config.Has("url") == config.Has("secret_url") {
				problems = append(problems, action.Problem{Input: "url", Message: "is needed, or secret_url, and not both", Hint: "use secret_url for an address that is a credential"})
			}
			return problems
		},
	}
}

// Run implements kind.Kind.
func (webhook) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	arrived, _, err := lookup(ctx, req, keyPlaceholder, req.Key)
	if err != nil {
		return action.Result{}, err
	}
	if arrived {
		return posted(http.StatusOK, true), nil
	}
	body, err := payload(req)
	if err != nil {
		return action.Result{}, err
	}
	c, err := client(req)
	if err != nil {
		return action.Result{}, err
	}
	// Inspect must be able to tell an attempt that may have posted from one
	// that did not get here.
	if err := out.Record(map[string]any{"posting": true}); err != nil {
		return action.Result{}, err
	}
	r, err := c.Do(ctx, httpclient.Request{
		Method: http.MethodPost, URL: destination(req), Key: req.Key,
		Header: req.Target.Config.Map("headers"), Body: body, ContentType: "application/json",
	})
	if err == nil && !r.Success() {
		err = r.Unexpected()
	}
	if err != nil {
		return action.Result{}, hideURL(err, req)
	}
	return posted(int64(r.Status), false), nil
}

// destination is where messages are posted. It may be a credential.
func destination(req action.Request) string {
	if s := req.Target.Config.Secret("secret_url"); !s.IsZero() {
		return s.Reveal()
	}
	return req.Target.Config.String("url")
}

func payload(req action.Request) ([]byte, error) {
	fields := map[string]any{}
	maps.Copy(fields, req.With.Map("payload"))
	fields["text"], fields["key"] = req.With.String("text"), req.Key
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, &action.Error{Message: "the payload cannot be written as JSON", Hint: "use texts, numbers, lists and maps", Cause: err, Permanent: true}
	}
	return body, nil
}

func posted(status int64, already bool) action.Result {
	r := action.Result{Outputs: map[string]any{"status": status}, Changed: !already, Already: already, Summary: "the message is posted"}
	if already {
		r.Summary = "the message had arrived already"
	}
	return r
}

// hideURL takes the address out of an error: it may be a credential.
func hideURL(err error, req action.Request) error {
	var e *action.Error
	if !asError(err, &e) {
		return &action.Error{Message: "the message could not be posted to " + req.Target.Name, Hint: "check the target's url"}
	}
	hidden := *e
	hidden.Message = redact(e.Message, req)
	if e.Cause != nil {
		hidden.Cause = fmt.Errorf("%s", redact(e.Cause.Error(), req))
	}
	return &hidden
}

// Inspect implements action.Inspector.
func (webhook) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	repeatable := req.Target.Config.Bool("deduplicates")
	i := action.Inspection{Repeatable: repeatable, Want: "the message is posted to " + req.Target.Name}
	arrived, known, err := lookup(ctx, req, keyPlaceholder, req.Key)
	switch {
	case err != nil:
		return action.Inspection{}, err
	case known && arrived:
		i.Known, i.Desired, i.Current = true, true, "the message has arrived"
		i.Outputs = map[string]any{"status": int64(http.StatusOK)}
	case known, len(req.Record) == 0:
		i.Known, i.Current = true, "the message is not posted"
	default:
		i.Current = "the message may have been posted; the target names no lookup to tell"
	}
	return i, nil
}

// Preflight implements action.Preflighter. It does not post: people would read
// it. That the lookup answers shows at least that the system is there.
func (webhook) Preflight(ctx context.Context, req action.Request) []error {
	if destination(req) == "" {
		return []error{&action.Error{Message: "target " + req.Target.Name + " has no url", Hint: "add it to the target's config"}}
	}
	if _, _, err := lookup(ctx, req, keyPlaceholder, "preflight"); err != nil {
		return []error{err}
	}
	return nil
}
