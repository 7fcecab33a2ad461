package cli

import (
	"bytes"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

func newAuditShowCmd(a *app, run func(id string) error) *cobra.Command {
	cmd := a.command(spec{
		use:   "show [RUN]",
		short: "Show what happened, in order",
		exits: []Exit{ExitAltered},
		args:  nargs(0, 1),
		run:   func(_ *cobra.Command, args []string) error { return run(first(args)) },
	})
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

// showAudit writes the entries that verify, and why there are no more if there
// should be.
func (a *app) showAudit(prefix string) error {
	r, err := a.desk().Journal(prefix)
	if err != nil {
		return err
	}
	var told []projection.Entry
	for entry, err := range r.Entries() {
		if err != nil && len(told) > 0 {
			return errors.Join(a.print().Timeline(told), err)
		}
		if err != nil {
			return err
		}
		if a.json() {
			if err := a.print().Raw(append(bytes.Clone(entry.Line), '\n')); err != nil {
				return err
			}
			continue
		}
		e, err := event.Decode(entry.Line)
		if err != nil {
			return &desk.AlteredError{Run: r.ID(), What: "the journal of run " + r.ID() + " holds what is no entry", Err: err}
		}
		told = append(told, projection.Tell(e))
	}
	if a.json() {
		return nil
	}
	return a.print().Timeline(told)
}
