package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

func newListCmd(a *app, run func() error) *cobra.Command {
	return a.command(spec{
		use:   "list",
		group: groupRun,
		short: "List the runs, newest first",
		example: `
  irctl list
  irctl list -o json`,
		exits: []Exit{ExitAltered},
		run:   func(*cobra.Command, []string) error { return run() },
	})
}

// listRuns shows a line per run. A run that cannot be read has a line too, and
// the reason goes to standard error; one whose journal does not verify decides
// the status.
func (a *app) listRuns() error {
	ids, err := a.desk().Store.List()
	if err != nil {
		return err
	}
	var rows []projection.Row
	var altered bool
	for _, id := range ids {
		r, err := a.desk().ReadRun(id)
		if err != nil {
			_ = a.print().Warning(err.Error())
			altered = altered || exitOf(err) == ExitAltered
			rows = append(rows, projection.Row{Run: id, Status: event.InDoubt})
			continue
		}
		rows = append(rows, projection.RowOf(r.State()))
	}
	if err := a.print().List(rows); err != nil || !altered {
		return err
	}
	return end(ExitAltered)
}
