package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

func newEnvironmentCmd(a *app) *cobra.Command {
	return command.Parent("environment", "List, show, check and write environments",
		command.New("list", "List the environments that a name can mean", a.listEnvironments, nil),
		newEnvironmentNewCmd(a, a.writeNew),
		command.New("show [ENVIRONMENT]", "Show what an environment names, never a secret", a.showEnvironment, a.completeEnvironments, command.ExitInvalid),
		command.New("check [ENVIRONMENT]", "Find every problem in an environment's file", a.checkEnvironment, a.completeEnvironments, command.ExitInvalid),
	)
}

func (a *app) listEnvironments(context.Context, []string) error {
	all := a.library().Environments()
	if a.json() {
		asJSON := func(l library.Listed) map[string]string { return map[string]string{"name": l.Name, "source": l.Path} }
		return a.print().JSON(append([]map[string]string{}, each.Of(all, asJSON)...))
	}
	if len(all) == 0 {
		_ = a.print().Say("There are no environments yet.")
		return a.print().Next("irctl lab up", "irctl environment new NAME")
	}
	return a.print().Table([]string{"environment", "from"}, each.Of(all, func(l library.Listed) []string { return []string{l.Name, l.Path} }))
}

// mustEnvironment reads the environment that was asked for, perhaps as the
// argument of a command that needs one.
func (a *app) mustEnvironment(args ...string) (*environment.Environment, *library.Document, error) {
	if err := a.named(args); err != nil {
		return nil, nil, err
	}
	env, d, err := a.library().Environment(a.env)
	if err == nil {
		env, _, err = library.Gathered(env)
	}
	return env, d, err
}

// named makes sure that an environment was asked for.
func (a *app) named(args []string) error {
	if len(args) > 0 {
		a.env = args[0]
	}
	if a.env != "" {
		return nil
	}
	p := command.Usagef("no environment was named")
	for _, l := range a.library().Environments() {
		p.Add(projection.Command(append(slices.Clone(a.Args), "--env", l.Name)...))
	}
	return p.With("irctl help environments")
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
		return command.End(command.ExitInvalid)
	}
	return err
}
