package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
)

// resumeOptions is what resume was asked for.
type resumeOptions struct {
	run string
	driveOptions
	takeOver bool
	reason   string
}

func newResumeCmd(a *app, run func(ctx context.Context, o resumeOptions) error) *cobra.Command {
	var o resumeOptions
	cmd := command.New("resume RUN", "Go on with a run that was interrupted, paused or waits", func(ctx context.Context, args []string) error {
		o.run = args[0]
		if o.takeOver != (o.reason != "") {
			return command.Usagef("--take-over and --reason belong together: a reason for taking the run over")
		}
		return run(ctx, o)
	}, a.completeRuns, runExits...)
	o.declare(cmd)
	cmd.Flags().BoolVar(&o.takeOver, "take-over", false, "drive the run here, although it belongs elsewhere: nobody drives it there any more")
	reasonFlag(cmd, &o.reason, "reason", "why it is taken over, `text` for the journal")
	return cmd
}

// resume drives a run on.
func (a *app) resume(ctx context.Context, o resumeOptions) error {
	out, err := a.desk().Resume(ctx, o.run, o.reason)
	if err != nil {
		return err
	}
	if out.Taken == nil {
		return a.report(out)
	}
	if out.Taken.Over() {
		defer out.Taken.Close()
		state := out.Taken.State()
		if !a.json() {
			_ = a.print().Note(fmt.Sprintf("Run %s has ended: %s. There is nothing to resume.", out.Run, state.Status()))
			_ = a.print().Next(append([]string{projection.Command("status", out.Run)}, out.Taken.Status().Next...)...)
		}
		return command.End(exitOfRun(state))
	}
	return a.drive(ctx, out.Taken, o.driveOptions, nil)
}
