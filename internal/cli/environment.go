package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

func newEnvironmentCmd(a *app) *cobra.Command {
	return a.parent("environment", "List, show, check and write environments",
		a.command("list", "List the environments that a name can mean", a.listEnvironments, nil),
		newEnvironmentNewCmd(a, a.writeNew),
		a.command("show [ENVIRONMENT]", "Show what an environment names, never a secret", a.showEnvironment, a.completeEnvironments, ExitInvalid),
		a.command("check [ENVIRONMENT]", "Find every problem in an environment's file", a.checkEnvironment, a.completeEnvironments, ExitInvalid),
	)
}

func (a *app) listEnvironments(context.Context, []string) error {
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

// mustEnvironment reads the environment that was asked for, perhaps as the
// argument of a command that needs one.
func (a *app) mustEnvironment(args ...string) (*environment.Environment, *library.Document, error) {
	if err := a.named(args); err != nil {
		return nil, nil, err
	}
	return a.library().Environment(a.env)
}

// named makes sure that an environment was asked for.
func (a *app) named(args []string) error {
	if len(args) > 0 {
		a.env = args[0]
	}
	if a.env != "" {
		return nil
	}
	p := usagef("no environment was named")
	for _, l := range a.library().Environments() {
		p.add(projection.Command(append(slices.Clone(a.Args), "--env", l.Name)...))
	}
	return p.with("irctl help environments")
}

// showEnvironment shows the environment that was asked for.
func (a *app) showEnvironment(_ context.Context, args []string) error {
	env, d, err := a.mustEnvironment(args...)
	if err != nil {
		return err
	}
	return a.print().Environment(view.EnvironmentOf(env, d.Path, d.Digest))
}

// checkEnvironment shows what is wrong with the environment that was asked for.
func (a *app) checkEnvironment(_ context.Context, args []string) error {
	if err := a.named(args); err != nil {
		return err
	}
	d, err := a.library().EnvironmentFile(a.env)
	if err != nil {
		return err
	}
	env, ds := a.library().ParseEnvironment(d)
	if env != nil {
		ds = append(ds, d.CheckSecrets(env)...)
	}
	err = a.print().Diagnostics(1, ds, d.Sources)
	if err == nil && ds.HasErrors() {
		return end(ExitInvalid)
	}
	return err
}
