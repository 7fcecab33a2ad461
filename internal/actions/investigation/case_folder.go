package investigation

import (
	"context"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// inFolder is one of the three actions when the case is a folder. Work is given
// the store; named says that the step names the case.
func inFolder(named bool, work func(folder) kind.Work) kind.Kind {
	return kind.Change{
		Type: casefolder.Target(true),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			store, err := casefolder.Of(req.Target)
			f := folder{store: store, req: req}
			if err == nil && named && req.With.Has("case") { // a preflight of the target names none
				f.Case, err = store.Case(req.With.String("case"))
			}
			return work(f), err
		},
	}
}

// folder is a case, or where one will be.
type folder struct {
	*casefolder.Case
	store casefolder.Store
	req   action.Request
}

// Close implements kind.Work: nothing is held open.
func (folder) Close() {}

// Check implements kind.Checker.
func (f folder) Check(context.Context) []error {
	if err := f.store.Check(); err != nil {
		return []error{err}
	}
	return nil
}

// Keep implements kind.Keeper.
func (f folder) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{"case": f.ID}, nil
}

// rolledBack is the key of the entry that an undo adds.
func rolledBack(key string) string { return key + "#undo" }

// annotate adds an entry about the undo to a case.
func (f folder) annotate(ctx context.Context, text string) (bool, string, error) {
	already, err := f.Note(ctx, time.Now(), text, rolledBack(f.req.Key))
	return !already, "the case is kept; its timeline says that the step was rolled back", err
}

// opening opens a case.
type opening struct{ folder }

// Look implements kind.Work.
func (o *opening) Look(_ context.Context, _ action.Values) (kind.State, error) {
	s := kind.State{Current: "no case is open for this step", Want: "a case is open"}
	if err := o.store.Check(); err != nil {
		return s, err
	}
	c, found, err := o.store.Opened(o.req.Run, o.req.Key)
	if found {
		s.Desired, s.Current, s.Outputs = true, c.Describe(), map[string]any{"case": c.ID, "location": c.Folder()}
		s.Summary = fmt.Sprintf("case %s is open in %s", c.ID, c.Folder())
		s.Already = s.Summary
	}
	return s, err
}

// Keep implements kind.Keeper.
func (o *opening) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{"folder": o.store.Folder()}, nil
}

// Change implements kind.Work.
func (o *opening) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	_, _, err := o.store.Create(ctx, casefolder.Opening{
		Key: o.req.Key, Run: o.req.Run, Runbook: o.req.Runbook, At: time.Now(),
		Title: o.req.With.String("title"), Severity: o.req.With.String("severity"),
		Summary: o.req.With.String("summary"), Labels: o.req.With.Strings("labels"),
	})
	return err
}

// PutBack implements kind.Restorer.
func (o *opening) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	c, found, err := o.store.Opened(o.req.Run, o.req.Undoes)
	if err != nil || !found {
		return false, "no case was opened", err
	}
	o.Case = c
	return o.annotate(ctx, "The run that opened this case was rolled back. The case stays.")
}

// update adds an entry.
type update struct{ folder }

// Look implements kind.Work.
func (u update) Look(_ context.Context, _ action.Values) (kind.State, error) {
	noted, err := u.Noted(u.req.Key)
	s := kind.State{Desired: noted, Current: "the entry is not in the timeline", Want: "the entry is in the timeline", Summary: u.ID + ": the entry is in the timeline"}
	if s.Already = s.Summary; noted {
		s.Current = s.Want
	}
	return s, err
}

// Change implements kind.Work.
func (u update) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	_, err := u.Note(ctx, time.Now(), u.req.With.String("text"), u.req.Key)
	return err
}

// PutBack implements kind.Restorer.
func (u update) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	return u.annotate(ctx, "The run was rolled back. What this entry said may not be so any more: "+u.req.With.String("text"))
}

// closing closes a case.
type closing struct{ folder }

// Look implements kind.Work. A case that this step has closed must also say so
// in its timeline.
func (c closing) Look(_ context.Context, record action.Values) (kind.State, error) {
	closed, err := c.Closed()
	if err == nil && closed && len(record) > 0 {
		closed, err = c.Noted(c.req.Key)
	}
	summary := c.ID + ": the case is closed"
	return kind.State{Desired: closed, Current: c.Describe(), Want: "case " + c.ID + " is closed", Summary: summary, Already: summary}, err
}

// Change implements kind.Work.
func (c closing) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	_, err := c.Case.Close(ctx, time.Now(), c.req.With.String("resolution"), c.req.Key)
	return err
}

// PutBack implements kind.Restorer.
func (c closing) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	already, err := c.Reopen(ctx, time.Now(), "The closing was rolled back. The case is open again.", rolledBack(c.req.Key))
	return !already, "case " + c.ID + " is open again", err
}
