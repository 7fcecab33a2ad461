package drive

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/action"
)

// Look is what a look at a step that is over found.
type Look struct {
	Known, Desired bool   // as in [action.Inspection]
	Current        string // of the target, in a line
	Note           string // why nothing is known, or why the step cannot be undone
	Failed         bool   // the target could not be looked at
}

// Recheck looks whether what the step at path brought about is still so. It
// changes nothing.
func (d *Driver) Recheck(ctx context.Context, s engine.State, path string) Look {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	c, err := d.prepare(s, path, n.Action, d.at(s, path))
	var seen action.Inspection
	if err == nil {
		seen, err = d.look(ctx, &c)
	}
	out := Look{Known: seen.Known, Desired: seen.Desired, Current: d.said(seen.Current)}
	switch {
	case errors.Is(err, errNoLook):
		out.Note = n.Action.Action + " cannot look"
	case err != nil:
		f := failure(d.redact, err)
		out.Failed, out.Note = true, f.Message
		if f.Hint != "" {
			out.Note += "; " + f.Hint
		}
	case !seen.Known:
		out.Note = "nobody can tell from outside"
	}
	return out
}

// CannotUndo says why the step at path cannot be undone, "" if it can.
func (d *Driver) CannotUndo(s engine.State, path string) string {
	st, _ := s.Step(path)
	return d.cannotUndo(nodeOf(s, st))
}
