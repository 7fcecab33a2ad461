package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newActionCmd(a *app) *cobra.Command {
	return command.Parent("action", "List actions and show their manuals",
		command.New("list", "List what a step can do", a.listActions, nil),
		newActionShowCmd(a, a.showAction),
	)
}

func newActionShowCmd(a *app, run command.Work) *cobra.Command {
	return command.New("show ACTION", "Show the manual of an action", run, a.completeActions)
}

func (a *app) listActions(context.Context, []string) error {
	return a.print().Actions(a.actions().Specs(), a.abilities)
}

// showAction shows the manual of an action.
func (a *app) showAction(_ context.Context, args []string) error {
	name := args[0]
	if s, ok := a.actions().Spec(name); ok {
		return a.print().Action(s, a.abilities(name))
	}
	return command.Usagef("there is no action %q", name).Meant("irctl action show", name, a.actions().Names(), "irctl action list")
}

// abilities are what an action can do besides running.
func (a *app) abilities(name string) view.Abilities {
	found, _ := a.actions().Lookup(name)
	_, inspects := found.(action.Inspector)
	_, undoes := found.(action.Undoer)
	_, preflights := found.(action.Preflighter)
	return view.Abilities{Inspects: inspects, Undoes: undoes, Preflights: preflights}
}
