package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

// listing is a command that lists all there is of something and takes nothing.
type listing struct {
	of    string // its parent command
	short string
	env   bool // of an environment, which may have errors
	run   func(a *app) error
}

// listings are the commands `irctl OF list`.
var listings = []listing{
	{"runbook", "List the runbooks that a name can mean", false, (*app).listRunbooks},
	{"action", "List what a step can do", false, func(a *app) error {
		return a.print().Actions(a.actions().Specs(), a.abilities)
	}},
	{"target", "List the targets of an environment", true, func(a *app) error {
		env, d, err := a.mustEnvironment()
		if err != nil {
			return err
		}
		return a.print().Targets(view.EnvironmentOf(env, d.Path, d.Digest).Targets)
	}},
	{"environment", "List the environments that a name can mean", false, (*app).listEnvironments},
}

func newListingCmd(a *app, l listing) *cobra.Command {
	s := spec{use: "list", short: l.short}
	if l.env {
		s.exits = []Exit{ExitInvalid}
	}
	s.run = func(*cobra.Command, []string) error { return l.run(a) }
	return a.command(s)
}

func (a *app) listRunbooks() error {
	var rows []view.RunbookRow
	lib := a.library()
	for _, l := range lib.Runbooks() {
		d, err := lib.Open(l)
		if err != nil {
			_ = a.print().Warning(err.Error())
			continue
		}
		rows = append(rows, view.RunbookRow{Name: l.Name, Source: l.Path, Digest: d.Digest, Title: d.Title()})
	}
	return a.print().Runbooks(rows)
}

func (a *app) listEnvironments() error {
	all := a.library().Environments()
	if a.json() {
		out := []map[string]string{}
		for _, l := range all {
			out = append(out, map[string]string{"name": l.Name, "source": l.Path})
		}
		return a.print().JSON(out)
	}
	if len(all) == 0 {
		_ = a.print().Say("There are no environments yet.")
		return a.print().Next("irctl lab up", "irctl environment new NAME")
	}
	var rows [][]string
	for _, l := range all {
		rows = append(rows, []string{l.Name, l.Path})
	}
	return a.print().Table([]string{"environment", "from"}, rows)
}

// abilities are what an action can do besides running.
func (a *app) abilities(name string) view.Abilities {
	found, _ := a.actions().Lookup(name)
	_, inspects := found.(action.Inspector)
	_, undoes := found.(action.Undoer)
	_, preflights := found.(action.Preflighter)
	return view.Abilities{Inspects: inspects, Undoes: undoes, Preflights: preflights}
}
