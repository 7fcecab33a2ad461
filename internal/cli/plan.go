package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

func newPlanCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	w := runOptions{dryRun: true}
	cmd := command.New("plan RUNBOOK", "Look at every target and say what a run would change", func(ctx context.Context, args []string) error {
		w.runbook = args[0]
		return run(ctx, w)
	}, a.completeRunbooks, command.ExitInvalid)
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
		saved, err := w.Save(projection.Seen(out.Rows))
		if err != nil {
			return command.Failf(err, "cannot make a file of the plan")
		}
		if err := a.fresh(o.out, saved); err != nil {
			return err
		}
		out.Next = []string{projection.Command("run", "--plan", o.out)}
	}
	if err := a.print().Plan(out); err != nil || !wrong {
		return err
	}
	return command.End(command.ExitFailed)
}

// preview looks at every target of what was prepared; unseen says that one could
// not be looked at.
func (a *app) preview(ctx context.Context, w *library.Prepared) (out view.Preview, unseen bool, err error) {
	out = view.Preview{
		Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
		PlanDigest: plan.Digest(w.Encoded), Next: []string{projection.Command(w.Words("run")...)},
	}
	if w.Environment != nil {
		out.Environment = w.Environment.Name()
	}
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	out.Problems = each.Of(w.Fit.Met, fitting.Met.String)
	out.Unchecked = w.Fit.Unchecked
	err = a.desk().Preview(ctx, startOf(w), func(r projection.PlanRow, lost bool) {
		unseen = unseen || lost
		out.Rows = append(out.Rows, r)
	})
	if err == nil && ctx.Err() != nil {
		err = command.End(command.ExitInterrupted)
	}
	if err == nil {
		out.Claims, err = a.desk().Claims(startOf(w))
	}
	if len(out.Problems) > 0 {
		out.Next = []string{a.mend(w)}
	}
	if unseen && a.env != "" { // first find out what is down
		out.Next = append([]string{projection.Command("doctor", "--env", a.env)}, out.Next...)
	}
	return out, unseen, err
}

// mend is the command that helps with a plan that would not work: to ask for what
// is protected, if that is all, and else to see where the faults stand.
func (a *app) mend(w *library.Prepared) string {
	words := w.Words("run")
	for _, m := range w.Fit.Met {
		if m.Touch == "" {
			words = []string{"validate", w.File.Path}
			if w.Environment != nil {
				words = append(words, "--env", w.Environment.Name())
			}
			return projection.Command(words...)
		}
		words = append(words, "--touch", m.Touch)
	}
	return projection.Command(append(words, "--reason", "")...)
}
