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
		},
	})
}

func newEnvironmentNewCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "new NAME",
		short: "Write an environment to begin with",
		long: `Write environments/NAME.yaml, an environment to fill in. A file that is there is
left as it is. Its first line leads editors to ` + library.SchemaName + `, which is
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
			return a.print().Environment(environmentView(env, d))
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
	if a.env == "" {
		return a.noEnvironment()
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

// mustEnvironment reads the environment that was asked for, for a command that
// needs one.
func (a *app) mustEnvironment() (*environment.Environment, *library.Document, error) {
	if a.env == "" {
		return nil, nil, a.noEnvironment()
	}
	return a.library().Environment(a.env)
}

func (a *app) noEnvironment() error {
	p := usagef("no environment was named")
	for _, l := range a.library().Environments() {
		p.add(projection.Command(append(slices.Clone(a.Args), "--env", l.Name)...))
	}
	return p.with("irctl help environments")
}

// environmentView is an environment as it may be shown.
func environmentView(env *environment.Environment, d *library.Document) view.Environment {
	out := view.Environment{
		Name: env.Name(), Title: env.Title, Source: d.Path, Digest: d.Digest, NewSecrets: env.NewSecretsPlace(),
	}
	if env.Policy().Loopback {
		out.Allow = append(out.Allow, "loopback")
	}
	if env.Policy().LinkLocal {
		out.Allow = append(out.Allow, "link-local")
	}
	out.Protections = env.Protections()
	for _, name := range env.Values() {
		text, _ := env.Value(name)
		out.Values = append(out.Values, [2]string{name, text})
	}
	for _, name := range env.Secrets() {
		out.Secrets = append(out.Secrets, [2]string{name, env.Reference(name)})
	}
	for _, p := range env.People {
		out.People = append(out.People, view.Person{
			ID: p.Name, Name: p.FullName, Roles: p.Roles, User: p.User, Email: p.Email, Phone: p.Phone, Keys: p.Keys,
		})
	}
	for _, t := range env.Targets {
		out.Targets = append(out.Targets, view.Target{
			Name: t.Name, Type: t.Type, Zone: t.Zone, Owner: t.Owner, About: t.Description,
			Fallback: t.Fallback, Config: t.Config(),
		})
	}
	if b := env.Playbooks(); b.Signed || len(b.Trusted)+len(b.Bind) > 0 {
		out.Playbooks = playbooksView(b)
	}
	return out
}

func playbooksView(b environment.Playbooks) *view.Playbooks {
	out := &view.Playbooks{Signed: "optional"}
	if b.Signed {
		out.Signed = "required"
	}
	for _, k := range b.Trusted {
		out.Trusted = append(out.Trusted, [2]string{k.Name, k.Where()})
	}
	for _, bound := range b.Bind {
		out.Bind = append(out.Bind, [2]string{bound.Name, bound.Target})
	}
	return out
}
