package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

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
	cmd := a.command(spec{
		use:      "recheck RUN",
		group:    groupRun,
		short:    "Ask every target whether what a run did is still so",
		exits:    []Exit{ExitAltered, ExitInterrupted},
		complete: a.completeRuns,
		run: func(cmd *cobra.Command, args []string) error {
			w.run = args[0]
			if w.every < 0 || cmd.Flags().Changed("every") && w.every < time.Second {
				return usagef("--every is a time of a second or more, such as 10m")
			}
			return run(cmd.Context(), w)
		},
	})
	cmd.Flags().DurationVar(&w.every, "every", 0, "look again after each such `time` until something came undone")
	return cmd
}

func (a *app) recheck(ctx context.Context, w recheckOptions) error {
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	for {
		r, err := a.desk().Read(w.run)
		if err != nil {
			return err
		}
		steps, err := a.desk().Recheck(ctx, r)
		if ctx.Err() != nil {
			return end(ExitInterrupted)
		}
		if err != nil {
			return err
		}
		out := view.Looks{Run: r.ID(), Steps: steps}
		undone, unseen := count(steps, projection.Undone)+count(steps, projection.Expired), count(steps, projection.NotSeen)
		switch {
		case undone > 0:
			out.Sum = fmt.Sprintf("%d of %d steps came undone or expired.", undone, len(steps))
			out.Next = []string{projection.Command("status", r.ID()), projection.Command("logs", r.ID())}
		case unseen > 0:
			out.Sum = fmt.Sprintf("%d of %d steps could not be looked at, so nobody knows whether they are still so.", unseen, len(steps))
		case len(steps) == 0:
			out.Sum = "This run changed nothing that is to be so now."
		default:
			out.Sum = fmt.Sprintf("Nothing came undone: %d of %d steps are still so, as far as anybody can tell.", count(steps, projection.StillSo), len(steps))
		}
		if !a.json() {
			out.Sum = a.Now().UTC().Format("2006-01-02 15:04:05 UTC") + ": " + out.Sum
		}
		if err := a.print().Looks(out); err != nil {
			return err
		}
		if undone+unseen > 0 && (w.every == 0 || undone > 0) {
			return end(ExitFailed)
		}
		if w.every == 0 {
			return nil
		}
		select {
		case <-time.After(w.every):
		case <-ctx.Done():
			return end(ExitInterrupted)
		}
	}
}

func count(steps []projection.Look, state projection.LookState) (n int) {
	for _, l := range steps {
		if l.State == state {
			n++
		}
	}
	return n
}
