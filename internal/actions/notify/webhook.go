package notify

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

const keyPlaceholder = "{key}"

// webhookConfig is an address that takes JSON.
type webhookConfig struct {
	asking
	URL          string
	SecretURL    action.Secret
	Headers      map[string]any
	Deduplicates bool
}

// Fields implements config.Config.
func (c *webhookConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.URL, action.Field{Name: "url", Description: "Where messages are posted.", Example: "https://chat.example.com/rooms/incident"}),
		config.Into(&c.SecretURL, action.Field{Name: "secret_url", Description: "The same as a secret, instead of url: the address of many chat systems is a credential.", Example: "{secret: WAR_ROOM_URL}"}),
		config.Into(&c.Token, action.Field{Name: "token", Description: "A bearer token (RFC 6750)."}),
		config.Into(&c.Headers, action.Field{Name: "headers", Secret: true, Description: "More headers of the request."}),
		config.Into(&c.Deduplicates, action.Field{Name: "deduplicates", Default: false, Description: "The system drops a message whose Idempotency-Key it has seen."}),
		config.Into(&c.Lookup, action.Field{Name: "lookup", Description: "An address that answers 200 when the message with {key} arrived, and 404 when not.", Example: "https://chat.example.com/messages/{key}"}),
		c.caFile(),
	}
}

// Check implements config.Checker.
func (c *webhookConfig) Check() []action.Problem {
	problems := c.check(keyPlaceholder)
	if (c.URL == "") == c.SecretURL.IsZero() {
		problems = append(problems, action.Problem{Input: "url", Message: "is needed, or secret_url, and not both", Hint: "use secret_url for an address that is a credential"})
	}
	return problems
}

// address is where messages are posted. It may be a credential.
func (c *webhookConfig) address() string {
	if c.URL != "" {
		return c.URL
	}
	return c.SecretURL.Reveal()
}

// inWebhook posts to an address that takes JSON.
func inWebhook() kind.Kind {
	return kind.Change{
		Type: config.Describe[webhookConfig](action.TargetType{
			Name:    "webhook",
			Summary: "an address that takes messages as JSON, as chat systems offer",
			Example: `war-room:
  type: webhook
  owner: security-oncall@example.com
  fallback: Open the conference bridge.
  config:
    secret_url: {secret: WAR_ROOM_URL}
    deduplicates: true
`,
		}),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			c, err := config.Read[webhookConfig](req.Target)
			return &webhook{webhookConfig: c, req: req}, err
		},
	}
}

// webhook is one message.
type webhook struct {
	webhookConfig
	req    action.Request
	answer int64 // the status, once it is posted
}

// Close implements kind.Work: nothing is held open.
func (*webhook) Close() {}

// Check implements kind.Checker. It does not post: people would read it. That the
// lookup answers shows at least that the system is there.
func (w *webhook) Check(ctx context.Context) []error {
	_, known, err := w.arrived(ctx, w.req.Allow, keyPlaceholder, "preflight")
	if err != nil {
		return []error{err}
	}
	what := "whether it takes messages: people would read one"
	if !known {
		what = "whether it is there and takes messages: people would read one, and it has no `lookup` to ask"
	}
	return []error{&action.Error{Message: what, Unchecked: true}}
}

// Look implements kind.Work.
func (w *webhook) Look(ctx context.Context, record action.Values) (kind.State, error) {
	s := kind.State{Want: "the message is posted to " + w.req.Target.Name, Once: !w.Deduplicates, Summary: "the message is posted", Already: "the message had arrived already"}
	arrived, known, status := true, true, w.answer
	if status == 0 {
		var err error
		if arrived, known, err = w.arrived(ctx, w.req.Allow, keyPlaceholder, w.req.Key); err != nil {
			return s, err
		}
		status = http.StatusOK
	}
	switch {
	case arrived:
		s.Desired, s.Current, s.Outputs = true, "the message has arrived", map[string]any{"status": status}
	case known, len(record) == 0:
		s.Current = "the message is not posted"
	default:
		s.Unknown, s.Current = true, "the message may have been posted; the target names no lookup to tell"
	}
	return s, nil
}

// Change implements kind.Work. Look must be able to tell an attempt that may
// have posted from one that did not get here.
func (w *webhook) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	body, err := payload(w.req)
	if err != nil {
		return err
	}
	c, err := w.client(w.req.Allow)
	if err != nil {
		return err
	}
	if err := out.Record(map[string]any{"posting": true}); err != nil {
		return err
	}
	r, err := c.Do(ctx, httpclient.Request{
		Method: http.MethodPost, URL: w.address(), Key: w.req.Key, Header: w.Headers, Body: body, ContentType: "application/json",
	})
	if err == nil && !r.Success() {
		err = r.Unexpected()
	}
	w.answer = int64(r.Status)
	return w.hide(err)
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

// hide takes the address out of an error: it may be a credential.
func (w *webhook) hide(err error) error {
	var e *action.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return &action.Error{Message: "the message could not be posted to " + w.req.Target.Name, Hint: "check the target's url"}
	}
	hidden := *e
	hidden.Message = w.redact(e.Message)
	if e.Cause != nil {
		hidden.Cause = errors.New(w.redact(e.Cause.Error()))
	}
	return &hidden
}

// redact replaces the target's address, whole or without its query, by the
// address of its host.
func (w *webhook) redact(text string) string {
	address := w.address()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return strings.ReplaceAll(text, address, w.req.Target.Name)
	}
	host := u.Scheme + "://" + u.Host
	for _, form := range []string{address, strings.SplitN(address, "?", 2)[0], u.String(), host + u.EscapedPath()} {
		if form != host {
			text = strings.ReplaceAll(text, form, host+"/…")
		}
	}
	return text
}
