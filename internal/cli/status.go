package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

// statusOptions is what status was asked for.
type statusOptions struct {
	names []string // a run and a step, either or none of them
	watch bool
	all   bool
	plain bool
}

func newStatusCmd(a *app, run func(ctx context.Context, w statusOptions) error) *cobra.Command {
	var w statusOptions
	cmd := command.New("status [RUN] [STEP]", "Show what is done, what runs, what waits for whom", func(ctx context.Context, args []string) error {
		w.names = args
		return run(ctx, w)
	}, a.completeRunSteps, command.ExitAltered, command.ExitInterrupted)
	cmd.Flags().BoolVarP(&w.watch, "watch", "w", false, "stay and show what happens, until the run ends")
	plainFlag(cmd, &w.plain)
	cmd.Flags().BoolVarP(&w.all, "all", "a", false, "leave no step and no text out")
	return cmd
}

func (a *app) showStatus(ctx context.Context, w statusOptions) error {
	r, step, err := a.desk().Named(w.names...)
	switch {
	case err != nil:
		return err
	case w.watch && step != "":
		return (&command.Problem{Exit: command.ExitUsage, What: "--watch shows a whole run"}).With(projection.Command("logs", r.ID(), step, "--follow"))
	case w.watch:
		return a.watch(ctx, r.ID(), w.plain)
	}
	s, err := a.desk().Status(r)
	if err != nil {
		return err
	}
	if r.Torn() && !s.Driven {
		_ = a.print().Warning("The last line of the journal is torn: a write was interrupted, and nobody was told of what it said. The next irctl resume sets it aside.")
	}
	if step == "" {
		if a.json() {
			s.Contained = a.desk().Containing(r)
		}
		return a.print().Status(s, w.all)
	}
	if err := a.print().Step(s, step); err != nil || a.json() {
		return err
	}
	return desk.Replay(r.Reader, a.logOf(r.Reader, view.LogOptions{Step: step}))
}

// watch shows a run as it goes on, whoever drives it, until it has ended.
func (a *app) watch(ctx context.Context, id string, plain bool) error {
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	follow := a.print().Follow(view.FollowOptions{Run: id, Plain: plain, Open: a.artifactsOf(id), Interrupt: stop})
	defer follow.Close()
	r, err := a.desk().Follow(ctx, id, follow)
	if err != nil {
		return err
	}
	if ctx.Err() != nil && r.State().EndedAt().IsZero() {
		return command.End(command.ExitInterrupted)
	}
	s, err := a.desk().Status(r)
	if err != nil {
		return err
	}
	return follow.Finish(s)
}
