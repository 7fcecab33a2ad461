package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
)

func newRunCmd(a *app, run func(ctx context.Context, w runOptions) error) *cobra.Command {
	var w runOptions
	var inputs []string
	cmd := a.command(spec{
		use:   "run RUNBOOK",
		group: groupRun,
		short: "Run a runbook",
		exits: runExits,
		args:  nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			w.runbook = args[0]
			var err error
			if w.inputs, err = pairs("input", inputs); err != nil {
				return err
			}
			return run(cmd.Context(), w)
		},
	})
	inputFlag(cmd, &inputs, a.completeInputs)
	cmd.Flags().StringVar(&w.override, "override", "", "run a playbook that was revoked, is not valid now or lacks a signature, for this `REASON`, which is journaled")
	cmd.Flags().BoolVarP(&w.dryRun, "dry-run", "n", false, "look at every target and change nothing, like irctl plan")
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why targets are shared, `text` for the journals of both runs")
	shareFlag(cmd, &w.share)
	w.declare(cmd)
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// run starts a run and drives it as far as it goes.
func (a *app) run(ctx context.Context, w runOptions) error {
	if w.dryRun {
		return a.plan(ctx, w)
	}
	ready, err := a.prepare(w)
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
	t, err := a.desk().Begin(ctx, start)
	if err != nil {
		return err
	}
	defer t.Close()
	if !a.json() {
		_ = a.print().Note(fmt.Sprintf("Runbook %s from %s\nSHA-256 %s\nRun %s", ready.Plan.Runbook, ready.File.Path, ready.File.Digest, t.Run()))
	}
	a.showClaims(t.Claims)
	return a.drive(ctx, t, w.driveOptions, nil)
}
