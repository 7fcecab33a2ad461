package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
)

// logsOptions is what logs was asked for.
type logsOptions struct {
	names   []string // a run and a step, either or none of them
	attempt int
	follow  bool
}

func newLogsCmd(a *app, run func(ctx context.Context, o logsOptions) error) *cobra.Command {
	var o logsOptions
	cmd := command.New("logs [RUN] [STEP]", "Show what was sent, what came back and what people said", func(ctx context.Context, args []string) error {
		o.names = args
		return run(ctx, o)
	}, a.completeRunSteps, command.ExitAltered, command.ExitInterrupted)
	cmd.Aliases = []string{"log"}
	cmd.Flags().IntVar(&o.attempt, "attempt", 0, "only this `number` of attempt")
	cmd.Flags().BoolVarP(&o.follow, "follow", "f", false, "stay and show what happens, until the run ends")
	return cmd
}

func (a *app) logs(ctx context.Context, o logsOptions) error {
	r, step, err := a.desk().Named(o.names...)
	if err != nil {
		return err
	}
	log := a.logOf(r.Reader, view.LogOptions{Step: step, Attempt: o.attempt})
	if o.follow {
		ctx, stop := a.UntilSignal(ctx)
		defer stop()
		last, err := a.desk().Follow(ctx, r.ID(), log)
		if err == nil && ctx.Err() != nil && last.State().EndedAt().IsZero() {
			return command.End(command.ExitInterrupted)
		}
		return err
	}
	if err := desk.Replay(r.Reader, log); err != nil || !log.Empty() || a.json() {
		return err
	}
	_ = a.print().Note("The journal says nothing of that yet.")
	return a.print().Next(projection.Command("status", r.ID()))
}

func (a *app) logOf(r *store.Reader, o view.LogOptions) *view.Log {
	o.Run, o.Open = r.ID(), a.artifactsOf(r.ID())
	return a.print().Log(o)
}

// artifactsOf opens what was kept of a run.
func (a *app) artifactsOf(run string) func(digest string) (io.ReadCloser, error) {
	return func(digest string) (io.ReadCloser, error) {
		r, err := a.desk().Journal(run)
		if err != nil {
			return nil, err
		}
		return r.Artifact(digest)
	}
}
