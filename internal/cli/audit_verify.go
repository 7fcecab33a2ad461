package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditVerifyCmd(a *app, run func(id string) error) *cobra.Command {
	return a.command(spec{
		use:      "verify [RUN|PATH]",
		short:    "Prove that a run's journal is what irctl wrote",
		exits:    []Exit{ExitAltered},
		complete: a.completeRuns,
		run:      func(_ *cobra.Command, args []string) error { return run(first(args)) },
	})
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
