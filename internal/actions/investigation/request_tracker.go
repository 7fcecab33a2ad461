package investigation

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/systems/requesttracker"
	"github.com/irctl/irctl/pkg/action"
)

// inTracker is what the three actions share when the case is a ticket.
type inTracker struct{}

// Target implements kind.Kind.
func (inTracker) Target() action.TargetType { return requesttracker.Target(true) }

// Preflight implements action.Preflighter.
func (inTracker) Preflight(ctx context.Context, req action.Request) []error {
	t, err := requesttracker.Connect(req)
	if err != nil {
		return []error{err}
	}
	defer t.Close()
	return t.Check(ctx)
}

// commentUndone adds a comment about an undo to a ticket.
func commentUndone(ctx context.Context, t *requesttracker.Tracker, id, text string, req action.Request) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}, Summary: "ticket " + id + " is kept; a comment says that the step was rolled back"}
	var err error
	if r.Already, err = t.Commented(ctx, id, rolledBack(req.Undoes)); err != nil || r.Already {
		return r, err
	}
	r.Changed = true
	return r, t.Comment(ctx, id, text, rolledBack(req.Undoes))
}

// opens opens a ticket.
type opens struct{ inTracker }

// Run implements kind.Kind.
func (opens) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	t, err := requesttracker.Connect(req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.Close()
	k, found, err := t.Opened(ctx, req.Key)
	if err != nil {
		return action.Result{}, err
	}
	if !found {
		if len(req.Record) == 0 {
			if err := out.Record(map[string]any{"queue": req.Target.Config.String("queue")}); err != nil {
				return action.Result{}, err
			}
		}
		if k, err = t.Open(ctx, requesttracker.Opening{
			Key: req.Key, Title: req.With.String("title"), Severity: req.With.String("severity"), Text: description(req),
		}); err != nil {
			return action.Result{}, err
		}
	}
	changed := !found || len(req.Record) > 0
	return action.Result{Outputs: ticket(t, k), Changed: changed, Already: !changed, Summary: "ticket " + k.ID + " is open at " + t.Location(k.ID)}, nil
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

func ticket(t *requesttracker.Tracker, k requesttracker.Ticket) map[string]any {
	return map[string]any{"case": k.ID, "location": t.Location(k.ID)}
}

// Inspect implements action.Inspector.
func (opens) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	t, err := requesttracker.Connect(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer t.Close()
	i := action.Inspection{Known: true, Repeatable: true, Current: "no ticket is open for this step", Want: "a ticket is open in the queue " + action.CleanLine(req.Target.Config.String("queue"), 60)}
	k, found, err := t.Opened(ctx, req.Key)
	if err != nil {
		return action.Inspection{}, err
	}
	if found {
		i.Desired, i.Current, i.Outputs = true, describe(k), ticket(t, k)
	}
	return i, nil
}

func describe(k requesttracker.Ticket) string {
	return "ticket " + k.ID + " is " + action.CleanLine(k.Status, 40)
}

// Undo implements action.Undoer. The ticket and its status stay: what happened
// has to be looked into although the run's steps were taken back.
func (opens) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	t, err := requesttracker.Connect(req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.Close()
	id := action.Values(req.Outputs).String("case")
	if id == "" {
		k, found, err := t.Opened(ctx, req.Undoes)
		if err != nil {
			return action.Result{}, err
		}
		if !found {
			return action.Result{Already: true, Summary: "no ticket was opened"}, nil
		}
		id = k.ID
	}
	return commentUndone(ctx, t, id, "The run that opened this ticket was rolled back. The ticket stays.", req)
}

// comments adds a comment.
type comments struct{ inTracker }

// Run implements kind.Kind.
func (comments) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return onTicket(ctx, req, out, ticketWork{
		summary: "has the comment",
		done: func(t *requesttracker.Tracker, k requesttracker.Ticket) (bool, error) {
			return t.Commented(ctx, k.ID, req.Key)
		},
		do: func(t *requesttracker.Tracker, k requesttracker.Ticket) error {
			return t.Comment(ctx, k.ID, action.Clean(req.With.String("text")), req.Key)
		},
	})
}

// ticketWork is what an action does to a ticket that exists.
type ticketWork struct {
	summary string // what is so afterwards, after the ticket's name
	done    func(*requesttracker.Tracker, requesttracker.Ticket) (bool, error)
	do      func(*requesttracker.Tracker, requesttracker.Ticket) error
}

// onTicket is look, record, change.
func onTicket(ctx context.Context, req action.Request, out action.Sink, w ticketWork) (action.Result, error) {
	t, k, err := lookAt(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.Close()
	done, err := w.done(t, k)
	if err != nil {
		return action.Result{}, err
	}
	r := action.Result{Outputs: map[string]any{}, Changed: !done || len(req.Record) > 0, Summary: "ticket " + k.ID + " " + w.summary}
	if !r.Changed {
		r.Already, r.Summary = true, r.Summary+" already"
	}
	if done {
		return r, nil
	}
	if len(req.Record) == 0 {
		if err := out.Record(map[string]any{"case": k.ID, "previous": k.Status}); err != nil {
			return action.Result{}, err
		}
	}
	return r, w.do(t, k)
}

// lookAt finds the ticket that the step names. Close the tracker.
func lookAt(ctx context.Context, req action.Request) (*requesttracker.Tracker, requesttracker.Ticket, error) {
	t, err := requesttracker.Connect(req)
	if err != nil {
		return nil, requesttracker.Ticket{}, err
	}
	k, err := t.Ticket(ctx, req.With.String("case"))
	if err != nil {
		t.Close()
		return nil, requesttracker.Ticket{}, err
	}
	return t, k, nil
}

// Inspect implements action.Inspector.
func (comments) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	t, k, err := lookAt(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer t.Close()
	i := action.Inspection{Known: true, Repeatable: true, Want: "ticket " + k.ID + " has the comment", Outputs: map[string]any{}}
	if i.Desired, err = t.Commented(ctx, k.ID, req.Key); err != nil {
		return action.Inspection{}, err
	}
	if i.Current = i.Want; !i.Desired {
		i.Current = "ticket " + k.ID + " does not have the comment"
	}
	return i, nil
}

// Undo implements action.Undoer.
func (comments) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	t, k, err := lookAt(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.Close()
	return commentUndone(ctx, t, k.ID, "The run was rolled back. What this comment said may not be so any more: "+action.Clean(req.With.String("text")), req)
}

// resolves closes a ticket.
type resolves struct{ inTracker }

// Run implements kind.Kind. The comment comes first: a ticket that is closed
// says why.
func (resolves) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return onTicket(ctx, req, out, ticketWork{
		summary: "is closed",
		done:    resolved(ctx, req),
		do: func(t *requesttracker.Tracker, k requesttracker.Ticket) error {
			said, err := t.Commented(ctx, k.ID, req.Key)
			if err != nil {
				return err
			}
			if !said {
				if err := t.Comment(ctx, k.ID, action.Clean(req.With.String("resolution")), req.Key); err != nil {
					return err
				}
			}
			if k, err = t.Ticket(ctx, k.ID); err != nil || t.Closed(k) {
				return err
			}
			return t.SetStatus(ctx, k, t.ClosedStatus())
		},
	})
}

// resolved reports whether there is nothing left to do: a ticket that this
// step has closed also has its comment.
func resolved(ctx context.Context, req action.Request) func(*requesttracker.Tracker, requesttracker.Ticket) (bool, error) {
	return func(t *requesttracker.Tracker, k requesttracker.Ticket) (bool, error) {
		if !t.Closed(k) || len(req.Record) == 0 {
			return t.Closed(k), nil
		}
		return t.Commented(ctx, k.ID, req.Key)
	}
}

// Inspect implements action.Inspector.
func (resolves) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	t, k, err := lookAt(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer t.Close()
	done, err := resolved(ctx, req)(t, k)
	if err != nil {
		return action.Inspection{}, err
	}
	return action.Inspection{Known: true, Desired: done, Repeatable: true, Current: describe(k), Want: "ticket " + k.ID + " is " + t.ClosedStatus(), Outputs: map[string]any{}}, nil
}

// Undo implements action.Undoer. A ticket to which somebody has given another
// status since keeps that one.
func (resolves) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	t, k, err := lookAt(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.Close()
	previous := action.Values(req.Record).String("previous")
	if k.Status != previous && k.Status != t.ClosedStatus() {
		return action.Result{Outputs: map[string]any{}, Already: true, Summary: describe(k) + " by now, which this step did not make it, and stays so"}, nil
	}
	reopened := k.Status != previous
	if reopened {
		if err := t.SetStatus(ctx, k, previous); err != nil {
			return action.Result{}, err
		}
	}
	r, err := commentUndone(ctx, t, k.ID, "The closing was rolled back. The ticket is "+previous+" again.", req)
	if err != nil {
		return action.Result{}, err
	}
	r.Changed, r.Already = r.Changed || reopened, !r.Changed && !reopened
	r.Summary = "ticket " + k.ID + " is " + previous + " again"
	return r, nil
}
