package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

func newPlanCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	w := runOptions{dryRun: true}
	cmd := a.command(spec{
		use:      "plan RUNBOOK",
		group:    groupBefore,
		short:    "Look at every target and say what a run would change",
		exits:    []Exit{ExitInvalid},
		complete: a.completeRunbooks,
		run: func(cmd *cobra.Command, args []string) error {
			w.runbook = args[0]
			return run(cmd.Context(), w)
		},
	})
	a.inputFlags(cmd, &w)
	cmd.Flags().StringVar(&w.out, "out", "", "write the plan to a new `file`, for irctl run --plan")
	return cmd
}

// plan looks at every target and shows what a run would do.
func (a *app) plan(ctx context.Context, o runOptions) error {
	w, err := a.prepare(o)
	if err != nil {
		return err
	}
	out, unseen, err := a.preview(ctx, w)
	if err != nil {
		return err
	}
	wrong := len(out.Problems) > 0 || unseen
	if o.out != "" && !wrong {
		saved, err := w.Save(seen(out))
		if err != nil {
			return failf(err, "cannot make a file of the plan")
		}
		if err := a.fresh(o.out, saved); err != nil {
			return err
		}
		out.Next = []string{projection.Command("run", "--plan", o.out)}
	}
	if err := a.print().Plan(out); err != nil || !wrong {
		return err
	}
	return end(ExitFailed)
}

// preview looks at every target of what was prepared; unseen says that one could
// not be looked at.
func (a *app) preview(ctx context.Context, w *library.Prepared) (out view.Preview, unseen bool, err error) {
	out = view.Preview{
		Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
		PlanDigest: plan.Digest(w.Encoded), Next: []string{runCommand(w)},
	}
	if w.Environment != nil {
		out.Environment = w.Environment.Name()
	}
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	for _, m := range w.Fit.Met {
		out.Problems = append(out.Problems, m.String())
	}
	out.Unchecked = w.Fit.Unchecked
	err = a.desk().Preview(ctx, startOf(w), func(r drive.Row) {
		unseen = unseen || r.Unseen
		var with map[string]any
		if r.Action != "" && r.Target == "" {
			with, _ = data.Clean(map[string]any(r.Calls[0].Shown)).(map[string]any)
		}
		out.Rows = append(out.Rows, projection.PlanRow{
			With: with,
			Path: r.Path, Depth: r.Depth, Kind: string(r.Kind), Title: r.Title, Action: r.Action, Target: r.Target,
			Verdict: projection.Verdict(r.Verdict), Current: r.Current, Would: r.Would, Note: r.Note, Branch: r.Branch,
		})
	})
	if err == nil && ctx.Err() != nil {
		err = end(ExitInterrupted)
	}
	if err == nil {
		out.Claims, err = a.desk().Claims(startOf(w))
	}
	if unseen && a.env != "" { // first find out what is down
		out.Next = append([]string{projection.Command("doctor", "--env", a.env)}, out.Next...)
	}
	return out, unseen, err
}

// seen is what a preview found, by step.
func seen(v view.Preview) map[string]string {
	out := map[string]string{}
	for _, r := range v.Rows {
		if r.Path != "" {
			out["step "+r.Path] = strings.Trim(strings.Join([]string{string(r.Verdict), r.Current, r.Would, r.Note}, ", "), ", ")
		}
	}
	return out
}
