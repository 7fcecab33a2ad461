package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditCmd(a *app) *cobra.Command {
	return a.parent("audit", "Show and verify what a run wrote down",
		a.command("show [RUN]", "Show what happened, in order", a.showAudit, a.completeRuns, ExitAltered),
		a.command("verify [RUN|PATH]", "Prove that a run's journal is what irctl wrote", a.verify, a.completeRuns, ExitAltered),
	)
}

// showAudit writes the entries that verify, and why there are no more if there
// should be.
func (a *app) showAudit(_ context.Context, args []string) error {
	r, err := a.desk().Journal(first(args))
	if err != nil {
		return err
	}
	return desk.Replay(r, a.logOf(r, view.LogOptions{Audit: true}))
}

func (a *app) verify(_ context.Context, args []string) error {
	v, err := a.desk().Verify(first(args))
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
