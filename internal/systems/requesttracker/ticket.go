package requesttracker

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// maxTitle is how much of a title goes into a subject. Databases of Request
// Tracker cut a subject after 200 characters, and the tag must not be lost.
const maxTitle = 150

// perPage is the most that one page of a list holds.
const perPage = 100

// Ticket is a case.
type Ticket struct {
	ID      string
	Status  string
	version string // ETag (RFC 9110 section 8.8.3)
}

// Opening is what a new ticket says.
type Opening struct {
	Key, Title, Severity, Text string
}

// priority is one of Request Tracker's, from 0 to 100.
func priority(severity string) int {
	switch severity {
	case "low":
		return 0
	case "medium":
		return 50
	case "critical":
		return 100
	}
	return 80
}

var ticketID = pattern.Late(`^[1-9][0-9]{0,17}$`)

// Location is where people find a ticket.
func (t *Tracker) Location(id string) string { return t.base + "/Ticket/Display.html?id=" + id }

// Closed reports whether a ticket is in one of the statuses that count as
// closed.
func (t *Tracker) Closed(k Ticket) bool { return slices.Contains(t.config.Closed, k.Status) }

// Queue is where new tickets go.
func (t *Tracker) Queue() string { return t.config.Queue }

// ClosedStatus is the status that closing gives a ticket.
func (t *Tracker) ClosedStatus() string { return t.config.Closed[0] }

// Opened finds the ticket that the step with this key opened.
func (t *Tracker) Opened(ctx context.Context, key string) (Ticket, bool, error) {
	// Somebody else's ticket that repeats the tag is not meant.
	query := "Creator = '__CurrentUser__' AND Subject LIKE '[" + tag(key) + "]'"
	var found struct {
		Items []struct{ ID, Status string }
	}
	err := t.get(ctx, "/tickets", url.Values{"query": {query}, "fields": {"Status"}, "orderby": {"id"}, "order": {"ASC"}}, &found)
	if err != nil || len(found.Items) == 0 {
		return Ticket{}, false, err
	}
	return Ticket{ID: found.Items[0].ID, Status: found.Items[0].Status}, true, nil
}

// Open opens a ticket. Call Opened before: it opens another one each time.
func (t *Tracker) Open(ctx context.Context, o Opening) (Ticket, error) {
	title := action.CleanLine(o.Title, maxTitle)
	body := map[string]any{
		"Queue": t.config.Queue, "Subject": title + " [" + tag(o.Key) + "]",
		"Content": o.Text, "ContentType": "text/plain", "Priority": priority(o.Severity),
	}
	var made struct{ ID string }
	if _, err := t.call(ctx, httpclient.Request{Method: http.MethodPost, URL: t.address("/ticket", nil)}, body, &made); err != nil {
		return Ticket{}, err
	}
	k, found, err := t.Opened(ctx, o.Key)
	switch {
	case err != nil:
		return Ticket{}, action.Doubtful(err)
	case !found:
		return Ticket{}, &action.Error{
			Message: "ticket " + action.CleanLine(made.ID, 20) + " was opened, but irctl's user cannot see it",
			Hint:    "give it the right ShowTicket in the queue, then retry: the same ticket is found", Doubt: true, Permanent: true,
		}
	}
	return k, nil
}

// Ticket looks at one ticket.
func (t *Tracker) Ticket(ctx context.Context, id string) (Ticket, error) {
	if !ticketID().MatchString(id) {
		return Ticket{}, &action.Error{Message: fmt.Sprintf("%q is not the number of a ticket", action.CleanLine(id, 40)), Hint: "give the output case of investigation.open", Permanent: true}
	}
	var k struct{ Status string }
	answer, err := t.call(ctx, httpclient.Request{URL: t.address("/ticket/"+id, nil)}, nil, &k)
	if answer.Status == http.StatusNotFound {
		return Ticket{}, &action.Error{Message: "Request Tracker has no ticket " + id, Hint: "open the investigation first, or correct the number", Permanent: true}
	}
	if err != nil {
		return Ticket{}, err
	}
	return Ticket{ID: id, Status: k.Status, version: answer.Header.Get("ETag")}, nil
}

// Commented reports whether the step with this key has written a comment.
func (t *Tracker) Commented(ctx context.Context, id, key string) (bool, error) {
	subject := tag(key)
	for page := 1; ; page++ {
		var list struct {
			Items []struct{ Subject string }
		}
		query := url.Values{"fields": {"Subject"}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(page)}}
		if err := t.get(ctx, "/ticket/"+id+"/attachments", query, &list); err != nil {
			return false, err
		}
		for _, a := range list.Items {
			if a.Subject == subject {
				return true, nil
			}
		}
		// The number of pages is not told, and what one may not see is missing
		// from its page: only an empty one is the end.
		if len(list.Items) == 0 {
			return false, nil
		}
	}
}

// Comment writes a comment, which is not sent to whoever asked. Call Commented
// before: it writes another one each time.
func (t *Tracker) Comment(ctx context.Context, id, text, key string) error {
	body := map[string]any{"Subject": tag(key), "Content": text, "ContentType": "text/plain"}
	if _, err := t.call(ctx, httpclient.Request{Method: http.MethodPost, URL: t.address("/ticket/"+id+"/comment", nil)}, body, nil); err != nil {
		return err
	}
	seen, err := t.Commented(ctx, id, key)
	switch {
	case err != nil:
		return action.Doubtful(err)
	case !seen:
		return &action.Error{
			Message: "the comment on ticket " + id + " was written, but irctl's user cannot see it",
			Hint:    "give it the right ShowTicketComments in the queue, then retry: the same comment is found", Doubt: true, Permanent: true,
		}
	}
	return nil
}

// SetStatus gives a ticket another status, unless somebody has changed the
// ticket since k was looked at.
func (t *Tracker) SetStatus(ctx context.Context, k Ticket, status string) error {
	r := httpclient.Request{Method: http.MethodPut, URL: t.address("/ticket/"+k.ID, nil), Header: map[string]any{"If-Match": k.version}}
	answer, err := t.call(ctx, r, map[string]any{"Status": status}, nil)
	switch {
	case answer.Status == http.StatusPreconditionFailed:
		return &action.Error{Message: "somebody changed ticket " + k.ID + " in the same moment, so its status was left as it is", Hint: "retry: irctl looks at it again"}
	case err != nil:
		return err
	}
	now, err := t.Ticket(ctx, k.ID)
	switch {
	case err != nil:
		return action.Doubtful(err)
	case now.Status != status:
		return &action.Error{
			Message: fmt.Sprintf("ticket %s stays %s: Request Tracker says %s", k.ID, action.CleanLine(now.Status, 40), action.CleanLine(strings.Trim(string(answer.Body), "[]\n "), 160)),
			Hint:    "give irctl's user the right ModifyTicket, and see whether the queue's lifecycle permits the status " + action.CleanLine(status, 40), Permanent: true,
		}
	}
	return nil
}
