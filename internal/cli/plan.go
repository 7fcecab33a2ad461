package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newPlanCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	var inputs []string
	cmd := a.command(spec{
		use:   "plan RUNBOOK",
		group: groupBefore,
		short: "Look at every target and say what a run would change",
		exits: []Exit{ExitInvalid},
		args:  nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			given, err := pairs("input", inputs)
			if err != nil {
				return err
			}
			return run(cmd.Context(), runOptions{runbook: args[0], inputs: given, dryRun: true})
		},
	})
	inputFlag(cmd, &inputs, a.completeInputs)
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// plan looks at every target and shows what a run would do.
func (a *app) plan(ctx context.Context, o runOptions) error {
	w, err := a.prepare(o)
	if err != nil {
		return err
	}
	out := view.Preview{
		Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
		PlanDigest: plan.Digest(w.Encoded), Next: []string{runCommand(w)},
	}
	if w.Environment != nil {
		out.Environment = w.Environment.Name()
	}
	ctx, stop := a.untilSignal(ctx)
	defer stop()
	unseen := false
	for _, m := range w.Fit.Met {
		out.Problems = append(out.Problems, m.String())
	}
	out.Unchecked = w.Fit.Unchecked
	err = a.desk().Preview(ctx, startOf(w), func(r drive.Row) {
		unseen = unseen || r.Unseen
		var with map[string]any
		if r.Action != "" && r.Target == "" {
			with, _ = action.CleanData(map[string]any(r.Calls[0].Shown)).(map[string]any)
		}
		out.Rows = append(out.Rows, projection.PlanRow{
			With: with,
			Path: r.Path, Depth: r.Depth, Kind: string(r.Kind), Title: r.Title, Action: r.Action, Target: r.Target,
			Verdict: projection.Verdict(r.Verdict), Current: r.Current, Would: r.Would, Note: r.Note, Branch: r.Branch,
		})
	})
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	if out.Claims, err = a.desk().Claims(startOf(w)); err != nil {
		return err
	}
	if unseen && a.env != "" { // first find out what is down
		out.Next = append([]string{projection.Command("doctor", "--env", a.env)}, out.Next...)
	}
	if err := a.print().Plan(out); err != nil || len(out.Problems) == 0 && !unseen {
		return err
	}
	return end(ExitFailed)
}
