package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/event"
)

// looking is what status was asked for.
type looking struct {
	run   string // "" is the newest
	watch bool
	all   bool
}

func newStatusCmd(a *app, run func(ctx context.Context, w looking) error) *cobra.Command {
	if run == nil {
		run = a.showStatus
	}
	var w looking
	cmd := a.command(spec{
		use:   "status [RUN]",
		group: groupRun,
		short: "Show what is done, what runs, what waits for whom",
		long: `Show a run, the newest one if none is named: what is done, what runs, what waits
for whom since when, what to type next, and how to undo it. It works while
another process drives the run.`,
		example: `
  irctl status
  irctl status 01JZ --watch
  irctl status 01JZ -o json`,
		exits: []Exit{ExitAltered, ExitInterrupted},
		args:  nargs(0, 1),
		run: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				w.run = args[0]
			}
			return run(cmd.Context(), w)
		},
	})
	cmd.Flags().BoolVarP(&w.watch, "watch", "w", false, "stay and show what happens, until the run ends")
	cmd.Flags().BoolVarP(&w.all, "all", "a", false, "leave no step and no text out")
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

func (a *app) showStatus(ctx context.Context, w looking) error {
	if w.watch {
		return a.watch(ctx, w.run)
	}
	r, err := a.read(w.run)
	if err != nil {
		return err
	}
	s, err := a.status(r)
	if err != nil {
		return err
	}
	return a.print().Status(s, w.all)
}

// watch shows a run as it goes on, whoever drives it, until it has ended.
func (a *app) watch(parent context.Context, prefix string) error {
	id, err := a.store().Find(prefix)
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(parent)
	defer stop()
	follow := a.print().Follow(view.FollowOptions{Run: id, Interrupt: stop})
	defer follow.Close()
	for {
		r, err := a.open(id)
		if err != nil {
			return err
		}
		err = a.observe(ctx, r, follow)
		switch {
		case errors.Is(err, store.ErrTakenBack):
			continue // the disk was full: what was shown did not happen
		case err != nil:
			follow.Close()
			return err
		case ctx.Err() != nil && parent.Err() == nil && r.state.EndedAt().IsZero():
			follow.Close()
			return end(ExitInterrupted)
		}
		s, err := a.status(r)
		if err != nil {
			return err
		}
		return follow.Finish(s)
	}
}

// observe shows what a run's journal says and goes on to say.
func (a *app) observe(ctx context.Context, r *reading, follow *view.Follow) error {
	for entry, err := range r.Follow(ctx, nil) {
		if err != nil {
			return err
		}
		e, err := r.fold(entry)
		if err != nil {
			return err
		}
		state, head := r.state, r.head
		err = follow.Observe(e, entry.Line, func() projection.Status {
			return projection.Of(projection.Source{State: state, Head: head, Driven: true, Now: a.utc()})
		})
		if err != nil {
			return err
		}
		if _, over := e.Body.(event.RunEnded); over {
			return nil
		}
	}
	return nil
}

func newListCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "list",
		group: groupRun,
		short: "List the runs, newest first",
		example: `
  irctl list
  irctl list -o json`,
		run: func(*cobra.Command, []string) error { return a.listRuns() },
	})
}

// listRuns shows a line per run. A run that cannot be read has a line too, and
// the reason goes to standard error.
func (a *app) listRuns() error {
	ids, err := a.store().List()
	if err != nil {
		return err
	}
	var rows []projection.Row
	for _, id := range ids {
		r, err := a.readRun(id)
		if err != nil {
			_ = a.print().Warning(err.Error())
			rows = append(rows, projection.Row{Run: id, Status: event.InDoubt})
			continue
		}
		rows = append(rows, projection.RowOf(r.state))
	}
	return a.print().List(rows)
}
