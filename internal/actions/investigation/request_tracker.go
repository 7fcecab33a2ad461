package investigation

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/requesttracker"
	"github.com/irctl/irctl/pkg/action"
)

// inTracker is one of the three actions when the case is a ticket.
func inTracker(work func(ticket) kind.Work) kind.Kind {
	return kind.Change{
		Type: requesttracker.Target(true),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			t, err := requesttracker.Connect(req)
			if err != nil {
				return nil, err
			}
			return work(ticket{Tracker: t, req: req}), nil
		},
	}
}

// ticket is one of the tracker's, as it was looked at.
type ticket struct {
	*requesttracker.Tracker
	req action.Request
	now requesttracker.Ticket
}

// find looks at the ticket that the step names.
func (k *ticket) find(ctx context.Context) (err error) {
	k.now, err = k.Ticket(ctx, k.req.With.String("case"))
	return err
}

func (k *ticket) describe() string {
	return "ticket " + k.now.ID + " is " + action.CleanLine(k.now.Status, 40)
}

// Keep implements kind.Keeper.
func (k *ticket) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{"case": k.now.ID, "previous": k.now.Status}, nil
}

// say adds a comment of the step's, unless it is there.
func (k *ticket) say(ctx context.Context, text, key string) (changed bool, err error) {
	said, err := k.Commented(ctx, k.now.ID, key)
	if err != nil || said {
		return false, err
	}
	return true, k.Comment(ctx, k.now.ID, text, key)
}

// commentUndone adds a comment about an undo.
func (k *ticket) commentUndone(ctx context.Context, text string) (bool, string, error) {
	changed, err := k.say(ctx, text, rolledBack(k.req.Undoes))
	return changed, "ticket " + k.now.ID + " is kept; a comment says that the step was rolled back", err
}

// opens opens a ticket.
type opens struct{ ticket }

// Look implements kind.Work.
func (o *opens) Look(ctx context.Context, _ action.Values) (kind.State, error) {
	s := kind.State{Current: "no ticket is open for this step", Want: "a ticket is open in the queue " + action.CleanLine(o.Queue(), 60)}
	k, found, err := o.Opened(ctx, o.req.Key)
	if found {
		o.now = k
		s.Desired, s.Current, s.Outputs = true, o.describe(), map[string]any{"case": k.ID, "location": o.Location(k.ID)}
		s.Summary = "ticket " + k.ID + " is open at " + o.Location(k.ID)
		s.Already = s.Summary
	}
	return s, err
}

// Keep implements kind.Keeper.
func (o *opens) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{"queue": o.Queue()}, nil
}

// Change implements kind.Work.
func (o *opens) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	_, err := o.Open(ctx, requesttracker.Opening{
		Key: o.req.Key, Title: o.req.With.String("title"), Severity: o.req.With.String("severity"), Text: description(o.req),
	})
	return err
}

// description is the text that a new ticket begins with.
func description(req action.Request) string {
	var lines []string
	if s := req.With.String("summary"); s != "" {
		lines = append(lines, action.Clean(s), "")
	}
	lines = append(lines, "Severity: "+req.With.String("severity"))
	if labels := req.With.Strings("labels"); len(labels) > 0 {
		lines = append(lines, "Labels: "+action.CleanLine(strings.Join(labels, ", "), 500))
	}
	return strings.Join(append(lines, "Runbook: "+req.Runbook, "Run: "+req.Run), "\n") + "\n"
}

// PutBack implements kind.Restorer. The ticket and its status stay: what
// happened has to be looked into although the run's steps were taken back.
func (o *opens) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	if o.now.ID = action.Values(o.req.Outputs).String("case"); o.now.ID == "" {
		k, found, err := o.Opened(ctx, o.req.Undoes)
		if err != nil || !found {
			return false, "no ticket was opened", err
		}
		o.now = k
	}
	return o.commentUndone(ctx, "The run that opened this ticket was rolled back. The ticket stays.")
}

// comments adds a comment.
type comments struct{ ticket }

// Look implements kind.Work.
func (c *comments) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	if err := c.find(ctx); err != nil {
		return s, err
	}
	name := "ticket " + c.now.ID
	s = kind.State{Current: name + " does not have the comment", Want: name + " has the comment"}
	if s.Desired, err = c.Commented(ctx, c.now.ID, c.req.Key); s.Desired {
		s.Current = s.Want
	}
	return s, err
}

// Change implements kind.Work.
func (c *comments) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	return c.Comment(ctx, c.now.ID, action.Clean(c.req.With.String("text")), c.req.Key)
}

// PutBack implements kind.Restorer.
func (c *comments) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	if err := c.find(ctx); err != nil {
		return false, "", err
	}
	return c.commentUndone(ctx, "The run was rolled back. What this comment said may not be so any more: "+action.Clean(c.req.With.String("text")))
}

// resolves closes a ticket.
type resolves struct{ ticket }

// Look implements kind.Work. A ticket that this step has closed also has its
// comment.
func (r *resolves) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	if err := r.find(ctx); err != nil {
		return s, err
	}
	s = kind.State{Desired: r.Closed(r.now), Current: r.describe(), Want: "ticket " + r.now.ID + " is " + r.ClosedStatus(), Summary: "ticket " + r.now.ID + " is closed"}
	if s.Desired && len(record) > 0 {
		s.Desired, err = r.Commented(ctx, r.now.ID, r.req.Key)
	}
	return s, err
}

// Change implements kind.Work. The comment comes first: a ticket that is closed
// says why.
func (r *resolves) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	if _, err := r.say(ctx, action.Clean(r.req.With.String("resolution")), r.req.Key); err != nil {
		return err
	}
	if err := r.find(ctx); err != nil || r.Closed(r.now) {
		return action.Doubtful(err)
	}
	return r.SetStatus(ctx, r.now, r.ClosedStatus())
}

// PutBack implements kind.Restorer. A ticket to which somebody has given
// another status since keeps that one.
func (r *resolves) PutBack(ctx context.Context, record action.Values, _ action.Sink) (bool, string, error) {
	if err := r.find(ctx); err != nil {
		return false, "", err
	}
	previous := record.String("previous")
	if r.now.Status != previous && r.now.Status != r.ClosedStatus() {
		return false, r.describe() + " by now, which this step did not make it, and stays so", nil
	}
	reopened := r.now.Status != previous
	if reopened {
		if err := r.SetStatus(ctx, r.now, previous); err != nil {
			return false, "", err
		}
	}
	commented, _, err := r.commentUndone(ctx, "The closing was rolled back. The ticket is "+previous+" again.")
	return reopened || commented, "ticket " + r.now.ID + " is " + previous + " again", err
}
