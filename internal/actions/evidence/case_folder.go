package evidence

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/go-multierror"

	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// caseFolder collects into a folder of cases.
type caseFolder struct{}

// Target implements kind.Kind.
func (caseFolder) Target() action.TargetType { return casefolder.Target(true) }

// Run implements kind.Kind.
func (caseFolder) Run(ctx context.Context, req action.Request, out action.Sink) (result action.Result, err error) {
	c, err := begin(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	col, begun, err := c.Collected(req.With.String("name"), req.Key)
	if err != nil {
		return action.Result{}, err
	}
	sources := sourcesOf(req)
	if !begun {
		if len(req.Record) == 0 {
			if err := out.Record(map[string]any{"case": c.ID, "name": req.With.String("name")}); err != nil {
				return action.Result{}, err
			}
		}
		if col, err = c.Collection(ctx, req.With.String("name"), req.Key, req.Run); err != nil {
			return action.Result{}, err
		}
	}
	defer func() { _ = col.Close() }()
	already := begun && col.Complete()
	var missing *multierror.Error
	if !already {
		if missing, err = gather(ctx, req, out, col, sources); err != nil {
			return action.Result{}, err
		}
	}
	complete := missing.ErrorOrNil() == nil || req.With.Bool("optional")
	digest, err := col.Finish(ctx, complete)
	if err != nil {
		return action.Result{}, err
	}
	if !complete {
		return action.Result{}, incomplete(missing, len(sources), "in the case")
	}
	if _, err := c.Note(ctx, time.Now(), entry(col, missing), req.Key); err != nil {
		return action.Result{}, err
	}
	changed := !already || len(req.Record) > 0
	return action.Result{
		Outputs: outputs(col.Items(), digest),
		Changed: changed, Already: !changed,
		Summary: kept(len(col.Items())) + " in " + col.Folder(),
	}, nil
}

// kept counts what was collected.
func kept(items int) string {
	if items == 1 {
		return "1 piece of evidence is"
	}
	return fmt.Sprintf("%d pieces of evidence are", items)
}

// gather collects every source that is not there yet. What cannot be collected
// is returned at the end; an end of ctx stops at once.
func gather(ctx context.Context, req action.Request, out action.Sink, col *casefolder.Collection, sources []source) (*multierror.Error, error) {
	missing := &multierror.Error{}
	for _, s := range sources {
		if col.Has(s.kind, s.name) {
			continue
		}
		out.Progress("collecting " + action.CleanLine(s.name, 100))
		err := s.collect(ctx, req, col)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("collecting was broken off; the next attempt goes on: %w", ctx.Err())
		}
		missing = multierror.Append(missing, err)
	}
	return missing, nil
}

// incomplete says what is missing, and where the rest is.
func incomplete(missing *multierror.Error, all int, rest string) error {
	missing.ErrorFormat = lines
	return &action.Error{
		Message: fmt.Sprintf("%d of %d sources could not be collected; the others are %s", missing.Len(), all, rest),
		Hint:    "retry to collect what is missing, or set optional: true",
		Cause:   missing,
	}
}

func lines(errs []error) string {
	text := ""
	for i, e := range errs {
		if i > 0 {
			text += "; "
		}
		text += action.CleanLine(e.Error(), 300)
	}
	return text
}

func entry(col *casefolder.Collection, missing *multierror.Error) string {
	text := fmt.Sprintf("Evidence collected into evidence/%s: %d pieces.", col.Name, len(col.Items()))
	if n := missing.ErrorOrNil(); n != nil {
		text += " Not collected: " + lines(missing.Errors)
	}
	return text
}

func outputs(collected []casefolder.Item, digest string) map[string]any {
	items := []any{}
	for _, i := range collected {
		items = append(items, map[string]any{
			"file": i.File, "kind": i.Kind, "source": action.CleanLine(i.Source, 200), "size": i.Size, "sha256": i.SHA256,
		})
	}
	return map[string]any{"items": items, "count": int64(len(items)), "manifest": digest}
}

// Inspect implements action.Inspector.
func (caseFolder) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	i := action.Inspection{Known: true, Repeatable: true, Current: "nothing is collected yet", Want: fmt.Sprintf("%d sources are collected", len(sourcesOf(req)))}
	c, ok, err := caseOf(req)
	if err != nil || !ok {
		return i, err
	}
	col, begun, err := c.Collected(req.With.String("name"), req.Key)
	if err != nil || !begun {
		return i, err
	}
	defer func() { _ = col.Close() }()
	i.Current = fmt.Sprintf("%d pieces are collected", len(col.Items()))
	noted, err := c.Noted(req.Key)
	if err != nil || !col.Complete() || !noted {
		return i, err
	}
	digest, err := c.SumsDigest()
	i.Desired, i.Outputs = err == nil, outputs(col.Items(), digest)
	return i, err
}

// Undo implements action.Undoer. It keeps the evidence.
func (caseFolder) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was collected"}, nil
	}
	c, err := begin(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	already, err := c.Note(ctx, time.Now(), "The run that collected evidence/"+req.With.String("name")+" was rolled back. The evidence stays.", req.Key+"#undo")
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: map[string]any{}, Changed: !already, Already: already, Summary: "the evidence is kept; the timeline says that the step was rolled back"}, nil
}

// Preflight implements action.Preflighter.
func (caseFolder) Preflight(_ context.Context, req action.Request) []error {
	if err := casefolder.Of(req.Target).Check(); err != nil {
		return []error{err}
	}
	return nil
}
