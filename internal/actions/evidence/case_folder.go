package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/hashicorp/go-multierror"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// inFolder collects into a folder of cases.
func inFolder() kind.Kind {
	return kind.Change{
		Type: casefolder.Target(true),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			store, err := casefolder.Of(req.Target)
			return folder{req, store}, err
		},
	}
}

type folder struct {
	req   action.Request
	store casefolder.Store
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

// found returns the case, if it is here. A case that another system keeps, such
// as a ticket, has no folder of its own: its evidence gets one at the first step
// that collects, one for each run.
func (f folder) found() (c *casefolder.Case, ok bool, err error) {
	id := f.req.With.String("case")
	if f.store.Elsewhere {
		if c, ok, err = f.store.Opened(f.req.Run, foreign(id)); err != nil || ok {
			return c, ok, err
		}
	}
	c, err = f.store.Case(id)
	if f.store.Elsewhere && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, casefolder.ErrNotAnID)) {
		return nil, false, nil
	}
	return c, err == nil, err
}

// begin returns the case, and makes it if it is kept elsewhere.
func (f folder) begin(ctx context.Context) (*casefolder.Case, error) {
	c, ok, err := f.found()
	if err != nil || ok {
		return c, err
	}
	id := action.CleanLine(f.req.With.String("case"), 120)
	c, _, err = f.store.Create(ctx, casefolder.Opening{
		Key: foreign(f.req.With.String("case")), Run: f.req.Run, Runbook: f.req.Runbook, Title: "Evidence of case " + id,
		Summary: "The case " + id + " is kept in another system; here lies its evidence.", At: time.Now(),
	})
	return c, err
}

// foreign is the key of the folder for the evidence of a case elsewhere.
func foreign(id string) string { return "evidence of " + id }

// Look implements kind.Work.
func (f folder) Look(_ context.Context, _ action.Values) (kind.State, error) {
	s := nothing(f.req)
	c, ok, err := f.found()
	if err != nil || !ok {
		return s, err
	}
	col, begun, err := c.Collected(f.req.With.String("name"), f.req.Key)
	if err != nil || !begun {
		return s, err
	}
	defer func() { _ = col.Close() }()
	s.Current = fmt.Sprintf("%d pieces are collected", len(col.Items()))
	noted, err := c.Noted(f.req.Key)
	if err != nil || !col.Complete() || !noted {
		return s, err
	}
	digest, err := c.SumsDigest()
	s.Desired, s.Outputs, s.Summary = err == nil, outputs(col.Items(), digest, col.Folder()), kept(f.req, col.Items(), col.Folder())
	s.Already = s.Summary
	return s, err
}

// nothing is how it is before anything was collected.
func nothing(req action.Request) kind.State {
	return kind.State{Current: "nothing is collected yet", Want: fmt.Sprintf("%d sources are collected", len(sourcesOf(req)))}
}

// Keep implements kind.Keeper.
func (f folder) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	return begins(f.req, record), nil
}

// begins is what is recorded before anything is collected.
func begins(req action.Request, record action.Values) map[string]any {
	if len(record) > 0 {
		return nil
	}
	return map[string]any{"case": req.With.String("case"), "name": req.With.String("name")}
}

// Change implements kind.Work.
func (f folder) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	c, err := f.begin(ctx)
	if err != nil {
		return err
	}
	col, missing, err := gather(ctx, f.req, out, c, "in the case")
	if err != nil {
		return err
	}
	_, err = c.Note(ctx, time.Now(), entry(col, missing), f.req.Key)
	return err
}

// PutBack implements kind.Restorer. It keeps the evidence.
func (f folder) PutBack(ctx context.Context, _ action.Values, _ action.Sink) (bool, string, error) {
	c, err := f.begin(ctx)
	if err != nil {
		return false, "", err
	}
	already, err := c.Note(ctx, time.Now(), "The run that collected evidence/"+f.req.With.String("name")+" was rolled back. The evidence stays.", f.req.Key+"#undo")
	return !already, "the evidence is kept; the timeline says that the step was rolled back", err
}

// kept counts what was collected where, and names the sources of which nothing was.
func kept(req action.Request, items []casefolder.Item, where string) string {
	text := fmt.Sprintf("%d pieces of evidence are in %s", len(items), where)
	if len(items) == 1 {
		text = "1 piece of evidence is in " + where
	}
	for _, s := range sourcesOf(req) {
		if !slices.ContainsFunc(items, func(i casefolder.Item) bool { return i.Kind == s.kind && i.Source == s.name }) {
			text += "; not collected: " + action.CleanLine(s.name, 100)
		}
	}
	return text
}

// gather collects every source into a case that is not there yet. It is an
// error if one is missing and the step needs it, which says where the rest is;
// an end of ctx stops at once.
func gather(ctx context.Context, req action.Request, out action.Sink, c *casefolder.Case, rest string) (*casefolder.Collection, *multierror.Error, error) {
	col, err := c.Collection(ctx, req.With.String("name"), req.Key, req.Run)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = col.Close() }()
	sources, missing := sourcesOf(req), &multierror.Error{}
	for _, s := range sources {
		if col.Has(s.kind, s.name) {
			continue
		}
		out.Progress("collecting " + action.CleanLine(s.name, 100))
		err := s.collect(ctx, req, col)
		if ctx.Err() != nil {
			return nil, nil, fmt.Errorf("collecting was broken off; the next attempt goes on: %w", ctx.Err())
		}
		missing = multierror.Append(missing, err)
	}
	complete := missing.ErrorOrNil() == nil || req.With.Bool("optional")
	if err := col.Finish(ctx, complete); err != nil {
		return nil, nil, err
	}
	if !complete {
		return nil, nil, incomplete(missing, len(sources), rest)
	}
	return col, missing, nil
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

// outputs are those of a collection whose SHA256SUMS has this digest. In a
// repository it has no folder.
func outputs(collected []casefolder.Item, digest, folder string) map[string]any {
	items := []any{}
	for _, i := range collected {
		items = append(items, map[string]any{
			"file": i.File, "kind": i.Kind, "source": action.CleanLine(i.Source, 200), "size": i.Size, "sha256": i.SHA256,
		})
	}
	out := map[string]any{"items": items, "count": int64(len(items)), "manifest": digest}
	if folder != "" {
		out["folder"] = folder
	}
	return out
}
