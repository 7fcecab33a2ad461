package evidence

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// This file finds the case that evidence belongs to. A case that another
// system keeps, such as a ticket, has no folder of its own: its evidence gets
// one at the first step that collects, one for each run.

// caseOf returns the case; ok is false when it is kept elsewhere and nothing of
// it is here yet.
func caseOf(req action.Request) (c *casefolder.Case, ok bool, err error) {
	store, id := casefolder.Of(req.Target), req.With.String("case")
	if req.Target.Config.Bool("cases_elsewhere") {
		if c, ok, err = store.Opened(req.Run, foreign(id)); err != nil || ok {
			return c, ok, err
		}
	}
	c, err = store.Case(id)
	if req.Target.Config.Bool("cases_elsewhere") && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, casefolder.ErrNotAnID)) {
		return nil, false, nil
	}
	return c, err == nil, err
}

// begin returns the case, and makes it if it is kept elsewhere.
func begin(ctx context.Context, req action.Request) (*casefolder.Case, error) {
	c, ok, err := caseOf(req)
	if err != nil || ok {
		return c, err
	}
	id := action.CleanLine(req.With.String("case"), 120)
	c, _, err = casefolder.Of(req.Target).Create(ctx, casefolder.Opening{
		Key: foreign(req.With.String("case")), Run: req.Run, Runbook: req.Runbook, Title: "Evidence of case " + id,
		Summary: "The case " + id + " is kept in another system; here lies its evidence.", At: time.Now(),
	})
	return c, err
}

// foreign is the key of the folder for the evidence of a case elsewhere.
func foreign(id string) string { return "evidence of " + id }
