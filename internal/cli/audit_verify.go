package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditVerifyCmd(a *app, run func(id string) error) *cobra.Command {
	cmd := a.command(spec{
		use:   "verify [RUN|PATH]",
		short: "Prove that a run's journal is what irctl wrote",
		long: `Verify a run, the newest one if none is named: every entry's hash, that none is
missing, that the entries can follow each other, and that the runbook, the plan,
the environment and the artifacts beside the journal are those that it names.
The verdict is intact, torn, altered or truncated; only intact ends with 0.
It also says whether irctl would drive the run on.

A path names a copy of a run's folder, or a tar archive of one (tar, tar.gz):
evidence that was taken away, which is verified where it lies.`,
		example: `
  irctl audit verify 01JZ
  irctl audit verify 01JZ -o json
  irctl audit verify /media/evidence/case-12.tar.gz`,
		exits: []Exit{ExitAltered},
		args:  nargs(0, 1),
		run:   func(_ *cobra.Command, args []string) error { return run(first(args)) },
	})
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

func (a *app) verify(name string) error {
	v, err := a.desk().Verify(name)
	if err != nil {
		return err
	}
	if err := a.print().Verify(view.Verification{Run: v.Run, Report: v.Report, Copy: v.Copy, Undrivable: v.Undrivable}); err != nil {
		return err
	}
	if v.Report.Verdict != journal.Intact {
		return end(ExitAltered)
	}
	return nil
}
