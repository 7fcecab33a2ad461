package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

// graphOptions is what runbook graph was asked for.
type graphOptions struct{ runbook, format string }

func newRunbookGraphCmd(a *app, run func(graphOptions) error) *cobra.Command {
	var o graphOptions
	cmd := command.New("graph RUNBOOK", "Draw which way a runbook may go", func(_ context.Context, args []string) error {
		o.runbook = args[0]
		return run(o)
	}, a.completeRunbooks, command.ExitInvalid)
	cmd.Flags().StringVar(&o.format, "format", string(view.GraphText), "text, mermaid or dot")
	return cmd
}

// graph draws a plan.
func (a *app) graph(o graphOptions) error {
	p, err := a.library().PlanOf(o.runbook)
	if err != nil {
		return err
	}
	err = a.print().Graph(projection.GraphOf(p, view.Work, view.BlockLabel), view.GraphFormat(o.format))
	if errors.Is(err, view.ErrGraphFormat) {
		return command.Usagef("--format %s: %s", o.format, err)
	}
	return err
}
