package cli

import (
	"github.com/spf13/cobra"
)

func newActionShowCmd(a *app, run func(name string) error) *cobra.Command {
	return a.command(spec{
		use:      "show ACTION",
		short:    "Show the manual of an action",
		complete: a.completeActions,
		run: func(_ *cobra.Command, args []string) error {
			return run(args[0])
		},
	})
}

// showAction shows the manual of an action.
func (a *app) showAction(name string) error {
	if s, ok := a.actions().Spec(name); ok {
		return a.print().Action(s, a.abilities(name))
	}
	return usagef("there is no action %q", name).meant("irctl action show", name, a.actions().Names(), "irctl action list")
}
