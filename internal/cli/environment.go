package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/pkg/runbook"
)

func newEnvironmentCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "environment",
		group: groupSetup,
		short: "List, show, check and write environments",
		long: `An environment binds the names in runbooks to real systems, people and secrets.
irctl help environments explains the file.`,
		example: `
  irctl environment new acme
  irctl environment check acme`,
	}, newEnvironmentListCmd(a), newEnvironmentNewCmd(a), newEnvironmentShowCmd(a), newEnvironmentCheckCmd(a, nil))
}

func newEnvironmentListCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "list",
		short: "List the environments that a name can mean",
		example: `
  irctl environment list`,
		run: func(*cobra.Command, []string) error {
			all := a.allEnvironments()
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
		},
	})
}

func newEnvironmentNewCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "new NAME",
		short: "Write an environment to begin with",
		long: `Write environments/NAME.yaml, an environment to fill in. A file that is there is
left as it is. Its first line leads editors to ` + schemaName + `, which is
written too if it is missing; irctl help editors says more.`,
		example: `
  irctl environment new acme`,
		args: nargs(1, 1),
		run: func(_ *cobra.Command, args []string) error {
			return a.writeNew("environment", "environments", args[0],
				"irctl environment check "+args[0], "irctl target types", "irctl help environments")
		},
	})
}

// environmentArg lets a command name its environment as an argument, too.
func (a *app) environmentArg(args []string) {
	if len(args) > 0 {
		a.env = args[0]
	}
}

func newEnvironmentShowCmd(a *app) *cobra.Command {
	cmd := a.command(spec{
		use:   "show [ENVIRONMENT]",
		short: "Show what an environment names, never a secret",
		example: `
  irctl environment show lab`,
		exits: []Exit{ExitInvalid},
		args:  nargs(0, 1),
		run: func(_ *cobra.Command, args []string) error {
			a.environmentArg(args)
			env, d, err := a.mustEnvironment()
			if err != nil {
				return err
			}
			return a.print().Environment(a.environmentView(env, d))
		},
	})
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return a.completeEnvironments(cmd, args, typed)
	}
	return cmd
}

func newEnvironmentCheckCmd(a *app, run func(ctx context.Context) error) *cobra.Command {
	if run == nil {
		run = a.checkEnvironment
	}
	cmd := a.command(spec{
		use:   "check [ENVIRONMENT]",
		short: "Find every problem in an environment's file",
		long: `Check an environment's file: every problem at once, with its place. The fields
of targets are checked against the actions that act on them, and every secret's
place is looked at, not the secret. irctl target check looks at the systems
themselves.`,
		example: `
  irctl environment check lab`,
		exits: []Exit{ExitInvalid},
		args:  nargs(0, 1),
		run: func(cmd *cobra.Command, args []string) error {
			a.environmentArg(args)
			return run(cmd.Context())
		},
	})
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return a.completeEnvironments(cmd, args, typed)
	}
	return cmd
}

func (a *app) checkEnvironment(context.Context) error {
	d, err := a.findEnvironment(a.env)
	if err != nil {
		return err
	}
	if d == nil {
		_, _, err := a.mustEnvironment()
		return err
	}
	env, ds := a.parseEnvironment(d)
	if env != nil {
		ds = append(ds, relabel(d, env.CheckSecrets())...)
	}
	err = a.print().Diagnostics(1, ds, sourceOf(d))
	if err == nil && ds.HasErrors() {
		return end(ExitInvalid)
	}
	return err
}

// sourceOf gives the bytes of a document for excerpts.
func sourceOf(d *document) func(string) []byte {
	return func(name string) []byte {
		if name == d.Path {
			return d.Source
		}
		return nil
	}
}

// relabel gives the places of diagnostics the path that people read.
func relabel(d *document, ds runbook.Diagnostics) runbook.Diagnostics {
	for i := range ds {
		if ds[i].Span.File == d.File {
			ds[i].Span.File = d.Path
		}
	}
	return ds
}
