package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/pkg/journal"
)

func newAuditVerifyCmd(a *app, run func(id string) error) *cobra.Command {
	cmd := a.command(spec{
		use:   "verify [RUN]",
		short: "Prove that a run's journal is what irctl wrote",
		long: `Verify a run, the newest one if none is named: every entry's hash, that none is
missing, that the entries can follow each other, and that the runbook, the plan,
the environment and the artifacts beside the journal are those that it names.
The verdict is intact, torn, altered or truncated; only intact ends with 0.`,
		example: `
  irctl audit verify 01JZ
  irctl audit verify 01JZ -o json`,
		exits: []Exit{ExitAltered},
		args:  nargs(0, 1),
		run:   func(_ *cobra.Command, args []string) error { return run(first(args)) },
	})
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

func (a *app) verify(prefix string) error {
	id, report, err := a.desk().Verify(prefix)
	if err != nil {
		return err
	}
	if err := a.print().Verify(id, report); err != nil {
		return err
	}
	if report.Verdict != journal.Intact {
		return end(ExitAltered)
	}
	return nil
}
