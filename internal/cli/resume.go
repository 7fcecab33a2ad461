package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/projection"
)

// resumeOptions is what resume was asked for.
type resumeOptions struct {
	run  string
	wait bool
}

func newResumeCmd(a *app, run func(ctx context.Context, o resumeOptions) error) *cobra.Command {
	var o resumeOptions
	cmd := a.command(spec{
		use:   "resume RUN",
		group: groupRun,
		short: "Go on with a run that was interrupted, paused or waits",
		long: `Go on with a run that was interrupted, paused, left by a crash, or that waited
for people who have answered since. What was done is not done again. If a step
was cut off half-way, its target is asked what is so; if nobody can tell, the
step's outcome is unknown and irctl resolve decides it.`,
		example: `
  irctl resume 01JZ
  irctl resume 01JZ --wait -o json`,
		exits: runExits,
		args:  nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			o.run = args[0]
			return run(cmd.Context(), o)
		},
	})
	waitFlag(cmd, &o.wait)
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

// resume drives a run on.
func (a *app) resume(ctx context.Context, o resumeOptions) error {
	out, err := a.desk().Resume(ctx, o.run)
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
		return end(exitOfRun(state))
	}
	return a.drive(ctx, out.Taken, o.wait, nil)
}
