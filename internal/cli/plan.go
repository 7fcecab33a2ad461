package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

func newPlanCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	var inputs []string
	cmd := a.command(spec{
		use:   "plan RUNBOOK",
		group: groupBefore,
		short: "Look at every target and say what a run would change",
		long: `Walk the whole plan without running it, like run --dry-run: look at every target
and change nothing anywhere, write no journal. Each step is

  checked        its target was looked at: the state now, and what would change
  simulated      irctl does it itself: there is nothing to look at
  cannot know    only running it will tell

Where a condition cannot be decided yet, both sides are shown.`,
		example: `
  irctl plan containment --env lab --input incident=INC-1
  irctl plan ./my-plan.yaml --env acme -o json`,
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
	inputFlag(cmd, &inputs)
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// preview walks a plan and shows what it found.
func (a *app) preview(ctx context.Context, w *library.Prepared) error {
	secrets, err := environment.ResolveInputs(ctx, w.Secrets)
	if err != nil {
		return err
	}
	// A look changes nothing, so that it has nothing to keep: no file can be made
	// below this path.
	dir := filepath.Join(os.DevNull, "nothing-is-kept")
	drop := func(r io.Reader) (string, int64, string, error) {
		n, err := io.Copy(io.Discard, r)
		return "", n, "", err
	}
	out := view.Preview{
		Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
		PlanDigest: plan.Digest(w.Encoded), Next: []string{runCommand(w)},
	}
	started := event.RunStarted{
		Run: "preview", Irctl: Version(), Runbook: w.Plan.Runbook, Title: w.Plan.Title,
		Source: w.File.Path, Digest: w.File.Digest, PlanDigest: out.PlanDigest, Inputs: w.Inputs, SecretRefs: w.Secrets,
	}
	if w.Environment != nil {
		out.Environment, started.Environment = w.Environment.Name(), w.Environment.Name()
	}
	ctx, stop := a.untilSignal(ctx)
	defer stop()
	unseen := false
	d := drive.New(a.driverConfig("preview", w.Environment, secrets, drop, dir))
	d.Preview(ctx, w.Plan, w.Inputs, started, a.desk().Actor(""), func(r drive.Row) {
		unseen = unseen || r.Unseen
		out.Rows = append(out.Rows, projection.PlanRow{
			Path: r.Path, Depth: r.Depth, Kind: string(r.Kind), Title: r.Title, Action: r.Action, Target: r.Target,
			Verdict: projection.Verdict(r.Verdict), Current: r.Current, Would: r.Would, Note: r.Note, Branch: r.Branch,
		})
	})
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	if unseen && a.env != "" { // first find out what is down
		out.Next = append([]string{projection.Command("doctor", "--env", a.env)}, out.Next...)
	}
	return a.print().Plan(out)
}

// runCommand is the command that runs what was previewed.
func runCommand(w *library.Prepared) string {
	args := []string{"run", w.File.Name}
	if w.Asked.Environment != "" {
		args = append(args, "--env", w.Asked.Environment)
	}
	for _, f := range w.Plan.Inputs {
		if text, ok := w.Asked.Inputs[f.Name]; ok {
			args = append(args, "--input", f.Name+"="+text)
		}
	}
	return projection.Command(args...)
}

// driverConfig wires a driver.
func (a *app) driverConfig(id string, env *environment.Environment, secrets map[string]action.Secret, keep func(io.Reader) (string, int64, string, error), dir string) drive.Config {
	cfg := drive.Config{
		Run: id, Action: a.actions().Lookup, Secrets: secrets, Keep: keep, Dir: dir,
		Now: a.utc,
	}
	if env != nil {
		cfg.Environment = env
	}
	return cfg
}
