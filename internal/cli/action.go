package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newActionCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "action",
		group: groupSetup,
		short: "List actions and show their manuals",
		example: `
  irctl action list
  irctl action show email.suspend`,
	}, newActionListCmd(a), newActionShowCmd(a))
}

func newActionListCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "list",
		short: "List what a step can do",
		example: `
  irctl action list`,
		run: func(*cobra.Command, []string) error {
			return a.print().Actions(a.actions().Specs(), a.abilities)
		},
	})
}

// abilities are what an action can do besides running.
func (a *app) abilities(name string) view.Abilities {
	found, _ := a.actions().Lookup(name)
	_, inspects := found.(action.Inspector)
	_, undoes := found.(action.Undoer)
	_, preflights := found.(action.Preflighter)
	return view.Abilities{Inspects: inspects, Undoes: undoes, Preflights: preflights}
}

func newActionShowCmd(a *app) *cobra.Command {
	cmd := a.command(spec{
		use:   "show ACTION",
		short: "Show the manual of an action",
		long: `Show the manual of an action: what it does, checks and undoes, its inputs and
outputs, the kinds of targets it acts on, and a whole step as an example.`,
		example: `
  irctl action show email.suspend`,
		args: nargs(1, 1),
		run: func(_ *cobra.Command, args []string) error {
			s, ok := a.actions().Spec(args[0])
			if ok {
				return a.print().Action(s, a.abilities(s.Name))
			}
			p := usagef("there is no action %q", args[0])
			if near := suggest.Near(args[0], a.actions().Names()); near != "" {
				return p.with("irctl action show " + near)
			}
			return p.with("irctl action list")
		},
	})
	cmd.ValidArgsFunction = a.completeActions
	return cmd
}
