package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
)

func newAuditShowCmd(a *app, run func(id string) error) *cobra.Command {
	return a.command(spec{
		use:      "show [RUN]",
		short:    "Show what happened, in order",
		exits:    []Exit{ExitAltered},
		complete: a.completeRuns,
		run:      func(_ *cobra.Command, args []string) error { return run(first(args)) },
	})
}

// showAudit writes the entries that verify, and why there are no more if there
// should be.
func (a *app) showAudit(prefix string) error {
	r, err := a.desk().Journal(prefix)
	if err != nil {
		return err
	}
	return showLog(r, a.logOf(r, view.LogOptions{Audit: true}))
}
