package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
)

// incidentOptions is what incident was asked for.
type incidentOptions struct {
	name string
	all  bool
}

func newIncidentCmd(run func(w incidentOptions) error) *cobra.Command {
	var w incidentOptions
	cmd := command.New("incident [INCIDENT]", "Show all runs of an incident: who waits, what is contained", func(_ context.Context, args []string) error {
		w.name = command.First(args)
		return run(w)
	}, nil, command.ExitAltered)
	cmd.Flags().BoolVarP(&w.all, "all", "a", false, "leave nothing out of the timeline")
	return cmd
}

func (a *app) incident(w incidentOptions) error {
	found, unread, err := a.desk().Incident(w.name)
	if err != nil {
		return err
	}
	bad := a.warnOf(unread)
	if w.name != "" && len(found.Runs) == 0 && bad == nil {
		return command.Failf(nil, "%s", "no run is about an incident "+w.name).With(projection.Command("list"))
	}
	if err := a.print().Incident(found, w.all); err != nil {
		return err
	}
	return bad
}
