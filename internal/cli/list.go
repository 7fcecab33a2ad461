package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/pkg/event"
)

// listOptions is what list was asked for.
type listOptions struct {
	desk.Filter
	since string
}

func newListCmd(a *app, run func(w listOptions) error) *cobra.Command {
	var w listOptions
	var cmd *cobra.Command
	cmd = command.New("list", "List the runs, newest first", func(_ context.Context, _ []string) error {
		if cmd.Flags().Changed("env") { // not because IRCTL_ENV is set: that would hide runs
			w.Environment = a.env
		}
		return run(w)
	}, nil, command.ExitAltered)
	cmd.Aliases = []string{"ls"}
	f := cmd.Flags()
	f.StringVar((*string)(&w.Status), "status", "", "only runs of this `status`")
	f.StringVar(&w.Runbook, "runbook", "", "only runs of this `runbook`")
	f.StringVar(&w.since, "since", "", "only runs that began in the last `time`, such as 24h, or since a date")
	f.StringVar(&w.Incident, "incident", "", "only runs of this `incident`: the value of an input that identifies it")
	f.IntVarP(&w.Most, "most", "n", 0, "only the newest `number` of runs")
	f.BoolVar(&w.Archived, "archived", false, "the runs that are archived, from their archives")
	a.completes(cmd, "status", cobra.FixedCompletions(statusWords, cobra.ShellCompDirectiveNoFileComp))
	a.completes(cmd, "runbook", a.completeRunbooks)
	return cmd
}

// statusWords are the statuses that a run may have.
var statusWords = []string{
	string(event.Running), string(event.Waiting), string(event.Succeeded), string(event.Failed),
	string(event.Canceled), string(event.InDoubt), string(event.Undoing), string(event.Undone), string(desk.Paused), string(desk.Held),
}

// listRuns shows the runs that were asked for. Why a run cannot be read goes to
// standard error; one whose journal does not verify decides the status.
func (a *app) listRuns(w listOptions) error {
	var err error
	if w.Since, err = a.ago("since", w.since); err != nil {
		return err
	}
	if w.Status != "" && !slices.Contains(statusWords, string(w.Status)) {
		return command.Usagef("%q is no status of a run: %s", w.Status, strings.Join(statusWords, ", "))
	}
	rows, unread, err := a.desk().List(w.Filter)
	if err != nil {
		return err
	}
	bad := a.warnOf(unread)
	if err := a.print().List(rows, w.Filter != desk.Filter{}); err != nil {
		return err
	}
	return bad
}

// warnOf says why runs cannot be read. The error ends the command as one about
// such a run would, and as one whose journal does not verify if there is one.
func (a *app) warnOf(unread []error) error {
	var bad error
	for _, err := range unread {
		_ = a.print().Warning(err.Error())
		if exit := advice.Exit(err); bad == nil || exit == command.ExitAltered {
			bad = command.End(exit)
		}
	}
	return bad
}
