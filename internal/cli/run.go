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
		long: `Run a runbook, by the path of its file or by name: ./runbooks/NAME.yaml, then
your own and the machine's irctl/runbooks folders, then those that come with
irctl. The first line says which file it is.

On a terminal there is a live screen that asks for answers. Elsewhere there is
one line per event, and a run that only people can move on ends with 4 and says
what to type; with --wait it stays and waits for them. Ctrl-C once: nothing new
starts, what runs goes on to its end, and the run can be resumed. Twice: what
runs is killed.`,
		example: `
  irctl run containment --env lab --input incident=INC-1
  irctl run ./my-plan.yaml --env acme --input accounts='["alice", "bob"]'
  irctl run containment --env lab --input incident=INC-1 --dry-run
  irctl run containment --env lab --input incident=INC-1 -o json > run.jsonl`,
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
	t, err := a.desk().Begin(startOf(ready))
	if err != nil {
		return err
	}
	defer t.Close()
	if !a.json() {
		_ = a.print().Note(fmt.Sprintf("Runbook %s from %s\nSHA-256 %s\nRun %s", ready.Plan.Runbook, ready.File.Path, ready.File.Digest, t.Run()))
	}
	return a.drive(ctx, t, w.driveOptions, nil)
}
