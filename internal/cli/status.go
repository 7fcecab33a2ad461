package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
)

// statusOptions is what status was asked for.
type statusOptions struct {
	run   string // "" is the newest
	watch bool
	all   bool
}

func newStatusCmd(a *app, run func(ctx context.Context, w statusOptions) error) *cobra.Command {
	var w statusOptions
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

func (a *app) showStatus(ctx context.Context, w statusOptions) error {
	if w.watch {
		return a.watch(ctx, w.run)
	}
	r, err := a.desk().Read(w.run)
	if err != nil {
		return err
	}
	s, err := a.desk().Status(r)
	if err != nil {
		return err
	}
	if r.Torn() && !s.Driven {
		_ = a.print().Warning("The last line of the journal is torn: a write was interrupted, and nobody was told of what it said. The next irctl resume sets it aside.")
	}
	return a.print().Status(s, w.all)
}

// watch shows a run as it goes on, whoever drives it, until it has ended.
func (a *app) watch(ctx context.Context, prefix string) error {
	id, err := a.desk().Store.Find(prefix)
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(ctx)
	defer stop()
	follow := a.print().Follow(view.FollowOptions{Run: id, Interrupt: stop})
	defer follow.Close()
	r, err := a.desk().Follow(ctx, id, follow)
	if err != nil {
		return err
	}
	if ctx.Err() != nil && r.State().EndedAt().IsZero() {
		return end(ExitInterrupted)
	}
	s, err := a.desk().Status(r)
	if err != nil {
		return err
	}
	return follow.Finish(s)
}
