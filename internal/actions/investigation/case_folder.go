package investigation

import (
	"context"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// inFolder is what the three actions share when the case is a folder.
type inFolder struct{}

// Target implements kind.Kind.
func (inFolder) Target() action.TargetType { return casefolder.Target(true) }

// Preflight implements action.Preflighter.
func (inFolder) Preflight(_ context.Context, req action.Request) []error {
	if err := casefolder.Of(req.Target).Check(); err != nil {
		return []error{err}
	}
	return nil
}

func named(req action.Request) (*casefolder.Case, error) {
	return casefolder.Of(req.Target).Case(req.With.String("case"))
}

// rolledBack is the key of the entry that an undo adds.
func rolledBack(key string) string { return key + "#undo" }

// annotate adds an entry about the undo to a case.
func annotate(ctx context.Context, c *casefolder.Case, req action.Request, text string) (action.Result, error) {
	already, err := c.Note(ctx, time.Now(), text, rolledBack(req.Key))
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: map[string]any{}, Changed: !already, Already: already, Summary: "the case is kept; its timeline says that the step was rolled back"}, nil
}

// opening opens a case.
type opening struct{ inFolder }

// Run implements kind.Kind.
func (opening) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	store := casefolder.Of(req.Target)
	c, found, err := store.Opened(req.Run, req.Key)
	if err != nil {
		return action.Result{}, err
	}
	if !found {
		if len(req.Record) == 0 {
			if err := out.Record(map[string]any{"folder": req.Target.Config.String("folder")}); err != nil {
				return action.Result{}, err
			}
		}
		c, found, err = store.Create(ctx, casefolder.Opening{
			Key: req.Key, Run: req.Run, Runbook: req.Runbook, At: time.Now(),
			Title: req.With.String("title"), Severity: req.With.String("severity"),
			Summary: req.With.String("summary"), Labels: req.With.Strings("labels"),
		})
		if err != nil {
			return action.Result{}, err
		}
	}
	changed := !found || len(req.Record) > 0
	return action.Result{Outputs: opened(c), Changed: changed, Already: !changed, Summary: fmt.Sprintf("case %s is open in %s", c.ID, c.Folder())}, nil
}

func opened(c *casefolder.Case) map[string]any {
	return map[string]any{"case": c.ID, "location": c.Folder()}
}

// Inspect implements action.Inspector.
func (opening) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	store := casefolder.Of(req.Target)
	if err := store.Check(); err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Repeatable: true, Current: "no case is open for this step", Want: "a case is open"}
	c, found, err := store.Opened(req.Run, req.Key)
	if err != nil {
		return action.Inspection{}, err
	}
	if found {
		i.Desired, i.Current, i.Outputs = true, c.Describe(), opened(c)
	}
	return i, nil
}

// Undo implements action.Undoer.
func (opening) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	c, found, err := casefolder.Of(req.Target).Opened(req.Run, req.Undoes)
	if err != nil {
		return action.Result{}, err
	}
	if !found {
		return action.Result{Already: true, Summary: "no case was opened"}, nil
	}
	return annotate(ctx, c, req, "The run that opened this case was rolled back. The case stays.")
}

// update adds an entry.
type update struct{ inFolder }

// Run implements kind.Kind.
func (update) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return write(req, out, "the entry is in the timeline", func(c *casefolder.Case) (bool, error) {
		return c.Noted(req.Key)
	}, func(c *casefolder.Case) (bool, error) {
		return c.Note(ctx, time.Now(), req.With.String("text"), req.Key)
	})
}

// write is look, record, change for the two actions that write to a case.
func write(req action.Request, out action.Sink, summary string, done, do func(*casefolder.Case) (bool, error)) (action.Result, error) {
	c, err := named(req)
	if err != nil {
		return action.Result{}, err
	}
	already, err := done(c)
	if err != nil {
		return action.Result{}, err
	}
	if !already {
		if len(req.Record) == 0 {
			if err := out.Record(map[string]any{"case": c.ID}); err != nil {
				return action.Result{}, err
			}
		}
		if already, err = do(c); err != nil {
			return action.Result{}, err
		}
	}
	changed := !already || len(req.Record) > 0
	return action.Result{Outputs: map[string]any{}, Changed: changed, Already: !changed, Summary: c.ID + ": " + summary}, nil
}

// Inspect implements action.Inspector.
func (update) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	i := action.Inspection{Known: true, Repeatable: true, Current: "the entry is not in the timeline", Want: "the entry is in the timeline", Outputs: map[string]any{}}
	c, err := named(req)
	if err != nil {
		return action.Inspection{}, err
	}
	if i.Desired, err = c.Noted(req.Key); err != nil {
		return action.Inspection{}, err
	}
	if i.Desired {
		i.Current = i.Want
	}
	return i, nil
}

// Undo implements action.Undoer.
func (update) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	c, err := named(req)
	if err != nil {
		return action.Result{}, err
	}
	return annotate(ctx, c, req, "The run was rolled back. What this entry said may not be so any more: "+req.With.String("text"))
}

// closing closes a case.
type closing struct{ inFolder }

// Run implements kind.Kind.
func (closing) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return write(req, out, "the case is closed", closedByNow(req), func(c *casefolder.Case) (bool, error) {
		return c.Close(ctx, time.Now(), req.With.String("resolution"), req.Key)
	})
}

// closedByNow reports whether there is nothing left to do: a case that this
// step has closed must also say so in its timeline.
func closedByNow(req action.Request) func(*casefolder.Case) (bool, error) {
	return func(c *casefolder.Case) (bool, error) {
		closed, err := c.Closed()
		if err != nil || !closed || len(req.Record) == 0 {
			return closed, err
		}
		return c.Noted(req.Key)
	}
}

// Inspect implements action.Inspector.
func (closing) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	c, err := named(req)
	if err != nil {
		return action.Inspection{}, err
	}
	done, err := closedByNow(req)(c)
	if err != nil {
		return action.Inspection{}, err
	}
	return action.Inspection{Known: true, Desired: done, Repeatable: true, Current: c.Describe(), Want: "case " + c.ID + " is closed", Outputs: map[string]any{}}, nil
}

// Undo implements action.Undoer.
func (closing) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	c, err := named(req)
	if err != nil {
		return action.Result{}, err
	}
	already, err := c.Reopen(ctx, time.Now(), "The closing was rolled back. The case is open again.", rolledBack(req.Key))
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: map[string]any{}, Changed: !already, Already: already, Summary: "case " + c.ID + " is open again"}, nil
}
