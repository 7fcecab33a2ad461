package cli

import (
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/view"
)

// environmentView is an environment as it may be shown.
func (a *app) environmentView(env *environment.Environment, d *document) view.Environment {
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

// chosen returns the targets with these names; without names, all.
func chosen(env *environment.Environment, names []string) ([]environment.Target, error) {
	if len(names) == 0 {
		return env.Targets, nil
	}
	var known []string
	for _, t := range env.Targets {
		known = append(known, t.Name)
	}
	var out []environment.Target
	for _, name := range names {
		t, ok := env.Target(name)
		if !ok {
			p := usagef("the environment %s names no target %q", env.Name(), name)
			if near := nearest(name, known); near != "" {
				return nil, p.with("irctl target check " + near)
			}
			return nil, p.with("it names " + strings.Join(known, ", "))
		}
		out = append(out, t)
	}
	return out, nil
}
