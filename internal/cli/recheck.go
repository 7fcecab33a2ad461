package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

// recheckOptions is what recheck was asked for.
type recheckOptions struct {
	run   string
	every time.Duration // 0 is once
}

func newRecheckCmd(a *app, run func(ctx context.Context, w recheckOptions) error) *cobra.Command {
	var w recheckOptions
	var cmd *cobra.Command
	cmd = command.New("recheck [RUN]", "Ask every target whether what a run did is still so", a.untilTold(func(ctx context.Context, args []string) error {
		w.run = command.First(args)
		if w.every < 0 || cmd.Flags().Changed("every") && w.every < time.Second {
			return command.Usagef("--every is a time of a second or more, such as 10m")
		}
		return run(ctx, w)
	}), a.completeRuns, command.ExitAltered, command.ExitInterrupted)
	cmd.Flags().DurationVar(&w.every, "every", 0, "look again after each such `time` until something came undone")
	return cmd
}

func (a *app) recheck(ctx context.Context, w recheckOptions) error {
	for {
		r, err := a.desk().Read(w.run)
		if err != nil {
			return err
		}
		w.run = r.ID() // the newest may be another one next time
		steps, err := a.desk().Recheck(ctx, r)
		if err != nil || ctx.Err() != nil {
			return err
		}
		out := view.Looks{Run: r.ID(), Steps: steps}
		var undone, unseen bool
		if out.Sum, undone, unseen = projection.Rechecked(steps); undone {
			out.Next = []string{projection.Command("status", r.ID()), projection.Command("logs", r.ID())}
		}
		if !a.json() {
			out.Sum = a.Now().UTC().Format("2006-01-02 15:04:05 UTC") + ": " + out.Sum
		}
		if err := a.print().Looks(out); err != nil {
			return err
		}
		switch {
		case undone, unseen && w.every == 0:
			return command.End(command.ExitFailed)
		case w.every == 0:
			return nil
		}
		select {
		case <-time.After(w.every):
		case <-ctx.Done(): // the next look says so
		}
	}
}
