package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
)

// environmentCmd makes a command about one environment, which may be named as
// its argument, too.
func (a *app) environmentCmd(s spec, run func() error) *cobra.Command {
	s.exits, s.args = []Exit{ExitInvalid}, nargs(0, 1)
	s.run = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			a.env = args[0]
		}
		return run()
	}
	cmd := a.command(s)
	cmd.ValidArgsFunction = a.completeEnvironments
	return cmd
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
