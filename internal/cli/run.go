package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
)

func newRunCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	var w runOptions
	var cmd *cobra.Command
	cmd = command.New("run RUNBOOK", "Run a runbook", func(ctx context.Context, args []string) error {
		w.runbook = command.First(args)
		switch {
		case w.runbook == "" && w.saved == "":
			return command.Lacking(cmd, args).With(command.SeeHelp(cmd))
		case w.saved != "" && (w.runbook != "" || len(w.given) > 0 || w.file != "" || !w.part.Whole() || w.dryRun || cmd.Flags().Changed("env")):
			return command.Usagef("--plan says all of what runs: the runbook, the environment, the inputs and the part").With(command.SeeHelp(cmd))
		}
		return run(ctx, w)
	}, a.completeRunbooks, runExits...)
	cmd.Args = command.Between(0, 1)
	a.inputFlags(cmd, &w)
	cmd.Flags().StringVar(&w.override, "override", "", "run a playbook that was revoked, is not valid now or lacks a signature, for this `REASON`, which is journaled")
	cmd.Flags().BoolVarP(&w.dryRun, "dry-run", "n", false, "look at every target and change nothing, like irctl plan")
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why targets are shared or protected ones are to be touched, `text` for the journal")
	shareFlag(cmd, &w.share)
	touchFlag(cmd, &w.share.Touch)
	cmd.Flags().StringVar(&w.saved, "plan", "", "run what irctl plan --out wrote to this `file`, and nothing else")
	cmd.Flags().BoolVarP(&w.yes, "yes", "y", false, "do not ask at the terminal before something is changed")
	w.declare(cmd)
	return cmd
}

// run starts a run and drives it as far as it goes.
func (a *app) run(ctx context.Context, w runOptions) error {
	if w.dryRun {
		return a.plan(ctx, w)
	}
	ready, err := a.prepareRun(ctx, w)
	if err != nil {
		return err
	}
	// Secret inputs are looked up before anything begins.
	if err := environment.SecretsAt(ready.Secrets).Check(); err != nil {
		return err
	}
	start := startOf(ready)
	if start.Share, err = sharing(w.share, w.reason); err != nil {
		return err
	}
	if err := a.confirm(ready, start, w); err != nil {
		return err
	}
	t, err := a.desk().Begin(ctx, start)
	if err != nil {
		return err
	}
	defer t.Close()
	a.note(fmt.Sprintf("Runbook %s from %s\nSHA-256 %s\nRun %s", ready.Plan.Runbook, ready.File.Path, ready.File.Digest, t.Run()))
	a.showClaims(t.Claims)
	return a.drive(ctx, t, w.driveOptions, nil)
}

// confirm shows what a run would change and asks once, on a terminal alone.
func (a *app) confirm(ready *library.Prepared, start desk.Start, w runOptions) error {
	if w.yes || w.saved != "" || len(ready.Fit.Changes) == 0 || !a.print().Interactive() {
		return nil
	}
	if err := a.desk().Beginnable(start); err != nil {
		return err
	}
	changes := each.Of(ready.Fit.Changes, func(c fitting.Change) [2]string { return [2]string{c.Step, c.Does()} })
	yes, err := a.print().Confirm(fmt.Sprintf("%s in %s would change (all of it: %s):", ready.Plan.Runbook, cmp.Or(a.env, "no environment"), projection.Command(ready.Words("plan")...)), changes, "Run it?")
	return agreed(yes, err, projection.Command(ready.Words("plan")...))
}

// prepareRun makes ready what was asked for, or what was looked at before: then
// it must still be the same, down to the state of each target.
func (a *app) prepareRun(ctx context.Context, w runOptions) (*library.Prepared, error) {
	if w.saved == "" {
		return a.prepare(w)
	}
	saved, err := a.library().OpenSaved(w.saved)
	if err != nil {
		return nil, err
	}
	w.runbook, w.part, a.env = saved.Runbook, saved.Part, saved.Environment
	for name, text := range saved.Inputs {
		w.given = append(w.given, name+"="+library.Plain(text))
	}
	ready, err := a.prepare(w)
	if err != nil {
		return nil, err
	}
	now, _, err := a.preview(ctx, ready)
	if err != nil {
		return nil, err
	}
	if changed := saved.Since(ready, projection.Seen(now.Rows)); len(changed) > 0 {
		p := &command.Problem{Exit: command.ExitInvalid, What: "it is not what was looked at any more:\n- " + strings.Join(changed, "\n- ")}
		return nil, p.Meaning(advice.NothingRun).With(projection.Command(ready.Words("plan")...) + " --out FILE")
	}
	return ready, nil
}
