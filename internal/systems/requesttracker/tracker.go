// Package requesttracker keeps cases as tickets of Request Tracker, by its
// REST 2 interface: [Connect] names the queue, [Tracker.Open] opens a ticket,
// [Tracker.Comment] and [Tracker.SetStatus] change one. [Tracker.Opened] and
// [Tracker.Commented] find what an earlier attempt did.
//
// What irctl writes carries a tag that follows from the step, such as
// "irctl 0123456789abcdef": a new ticket in its subject, a comment as its own
// subject, which mail programs show. So a repetition finds it and writes
// nothing twice.
//
// Request Tracker answers 200 to changes that it did not make, and says why in
// a sentence. So every change is looked up afterwards.
//
// Files, in reading order: tracker.go, ticket.go, target.go.
package requesttracker

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Tracker is a queue of Request Tracker. It may be used from several
// goroutines, except Close.
type Tracker struct {
	config Config
	client *httpclient.Client
	from   *host.Host
	header map[string]any
	base   string // without a slash at its end
}

// Connect is the tracker that a request's target names. It does no I/O.
func Connect(req action.Request) (*Tracker, error) {
	c, err := config.Read[Config](req.Target)
	if err != nil {
		return nil, err
	}
	t, auth := &Tracker{config: c, base: c.Base()}, httpclient.Auth{User: c.User, Password: c.Password}
	if !c.Token.IsZero() {
		auth = httpclient.Auth{}
		// Request Tracker has a scheme of its own (RT::Authen::Token).
		t.header = map[string]any{"Authorization": action.NewSecret("token " + c.Token.Reveal())}
	}
	t.client, t.from, err = c.Client(req.Allow, auth)
	return t, err
}

// Close ends the connection to the machine that the target names in `via`.
func (t *Tracker) Close() { t.from.Close() }

// Check says what keeps irctl from opening tickets. Each problem is an error
// of its own. It changes nothing.
func (t *Tracker) Check(ctx context.Context) []error {
	var server struct{ Version string }
	if err := t.get(ctx, "/rt", nil, &server); err != nil {
		return []error{err}
	}
	if !strings.HasPrefix(server.Version, "5.") && !strings.HasPrefix(server.Version, "6.") {
		return []error{&action.Error{Message: fmt.Sprintf("Request Tracker at %s is version %s", t.base, action.CleanLine(server.Version, 40)), Hint: "irctl needs version 5 or later; use a target of type http for this one"}}
	}
	var queue struct {
		Links []struct {
			Ref  string `json:"ref"`
			Type string `json:"type"`
		} `json:"_hyperlinks"`
	}
	if err := t.get(ctx, "/queue/"+url.PathEscape(t.config.Queue), nil, &queue); err != nil {
		return []error{&action.Error{
			Message: fmt.Sprintf("the queue %s cannot be looked at", action.CleanLine(t.config.Queue, 60)),
			Hint:    "correct queue in the environment's target, or give irctl's user the right SeeQueue", Cause: err, Permanent: true,
		}}
	}
	for _, l := range queue.Links {
		if l.Ref == "create" && l.Type == "ticket" {
			return nil
		}
	}
	return []error{&action.Error{
		Message: fmt.Sprintf("irctl's user may not open tickets in the queue %s", action.CleanLine(t.config.Queue, 60)),
		Hint:    "give it the rights CreateTicket, ShowTicket, ShowTicketComments, CommentOnTicket and ModifyTicket", Permanent: true,
	}}
}

// tag is what marks the work of the step with this key.
func tag(key string) string {
	return fmt.Sprintf("irctl %x", sha256.Sum256([]byte(key)))[:len("irctl ")+16]
}

func (t *Tracker) get(ctx context.Context, path string, query url.Values, into any) error {
	_, err := t.call(ctx, httpclient.Request{URL: t.address(path, query)}, nil, into)
	return err
}

func (t *Tracker) address(path string, query url.Values) string {
	address := t.base + "/REST/2.0" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// call sends a request, with body as JSON unless it is nil, and reads the
// answer into a value unless that is nil.
func (t *Tracker) call(ctx context.Context, r httpclient.Request, body, into any) (httpclient.Response, error) {
	header := map[string]any{"Accept": "application/json"}
	maps.Copy(header, r.Header)
	maps.Copy(header, t.header)
	r.Header = header
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return httpclient.Response{}, err
		}
		r.Body, r.ContentType = text, "application/json"
	}
	answer, err := t.client.Do(ctx, r)
	if err != nil {
		return answer, err
	}
	switch {
	case answer.Status == http.StatusUnauthorized:
		e := answer.Unexpected()
		e.Hint = "check token, or username and password, of the environment's target"
		return answer, e
	case !answer.Success():
		return answer, answer.Unexpected()
	case into == nil:
		return answer, nil
	}
	if err := json.Unmarshal(answer.Body, into); err != nil || answer.Cut {
		e := &action.Error{
			Message: "the answer of " + t.base + " is not one of Request Tracker's REST 2 interface",
			Hint:    "correct url in the environment's target: it is where people open Request Tracker", Permanent: true,
			Doubt: httpclient.Unsafe(r.Method),
		}
		return answer, e
	}
	return answer, nil
}
