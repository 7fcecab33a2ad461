package view

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
)

// Pairs are names with texts, in an order. In JSON they are an object.
type Pairs [][2]string

// MarshalJSON implements json.Marshaler.
func (p Pairs) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, pair := range p {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(pair[0]) // a string always has a JSON form
		text, _ := json.Marshal(pair[1])
		out = append(append(append(out, name...), ':'), text...)
	}
	return append(out, '}'), nil
}

// Target is a system as an environment names it. Config holds what may be
// shown: a secret's place holds its reference, never the secret.
type Target struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Zone     string `json:"zone"`
	Owner    string `json:"owner"`
	About    string `json:"description"`
	Fallback string `json:"fallback"`
	Config   Pairs  `json:"config"` // field, text
}

// Targets writes the systems of an environment.
func (p *Printer) Targets(targets []Target) error {
	if p.format == JSON {
		return p.JSON(orEmpty(targets))
	}
	pg := p.page(p.out)
	pg.targets(targets)
	if len(targets) == 0 {
		pg.para(0, "The environment names no targets.")
	}
	return p.print(p.out, pg)
}

func (pg *page) targets(targets []Target) {
	var rows [][]cell
	for _, t := range targets {
		rows = append(rows, []cell{{t.Name, strong}, plain(t.Type), plain(t.Zone), plain(t.Owner), plain(t.About)})
	}
	if len(rows) > 0 {
		pg.table([]string{"target", "type", "zone", "owner", ""}, rows)
	}
}

// Environment is an environment as it may be shown: secrets are names and
// where they come from.
type Environment struct {
	Name       string               `json:"name"`
	Title      string               `json:"title"`
	Source     string               `json:"source"`
	Digest     string               `json:"digest"`
	Allow      []string             `json:"allow"` // "loopback", "link-local"
	Values     Pairs                `json:"values"`
	Secrets    Pairs                `json:"secrets"` // name, reference
	NewSecrets string               `json:"new_secrets"`
	Notify     string               `json:"notify,omitempty"` // who is told how that a run waits
	People     []environment.Person `json:"people"`
	Targets    []Target             `json:"targets"`
	// Protections are the settings that protect, each with where it comes from:
	// the file, or the machine's policy.
	Protections Pairs `json:"protections"`
	// Playbooks is nil if the file says nothing of CACAO playbooks.
	Playbooks *Playbooks `json:"playbooks,omitempty"`
}

// Playbooks is how CACAO playbooks are run in an environment.
type Playbooks struct {
	Signed  string `json:"signed"`  // "required" or "optional"
	Trusted Pairs  `json:"trusted"` // name, where the public key lies
	Bind    Pairs  `json:"bind"`    // what the playbook calls it, the target
}

// EnvironmentOf is an environment as it may be shown; source is where people
// find its file, which has this digest.
func EnvironmentOf(env *environment.Environment, source, digest string) Environment {
	out := Environment{
		Name: env.Name(), Title: env.Title, Source: source, Digest: digest, NewSecrets: env.NewSecretsPlace(),
		People: env.People, Protections: env.Protections(), Notify: env.Notify.String(),
	}
	if env.Policy().Loopback {
		out.Allow = append(out.Allow, "loopback")
	}
	if env.Policy().LinkLocal {
		out.Allow = append(out.Allow, "link-local")
	}
	for _, name := range env.Values() {
		text, _ := env.Value(name)
		out.Values = append(out.Values, [2]string{name, text})
	}
	for _, name := range env.Secrets() {
		out.Secrets = append(out.Secrets, [2]string{name, env.Reference(name)})
	}
	for _, t := range env.Targets {
		out.Targets = append(out.Targets, Target{
			Name: t.Name, Type: t.Type, Zone: t.Zone, Owner: t.Owner, About: t.Description,
			Fallback: t.Fallback, Config: t.Config(),
		})
	}
	if b := env.Playbooks(); b.Signed || len(b.Trusted)+len(b.Bind) > 0 {
		out.Playbooks = &Playbooks{Signed: map[bool]string{true: "required", false: "optional"}[b.Signed]}
		for _, k := range b.Trusted {
			out.Playbooks.Trusted = append(out.Playbooks.Trusted, [2]string{k.Name, k.Where()})
		}
		for _, bound := range b.Bind {
			out.Playbooks.Bind = append(out.Playbooks.Bind, [2]string{bound.Name, bound.Target})
		}
	}
	return out
}

// Environment writes what an environment names, never a secret.
func (p *Printer) Environment(e Environment) error {
	if p.format == JSON {
		e.Allow, e.People, e.Targets = orEmpty(e.Allow), orEmpty(e.People), orEmpty(e.Targets)
		return p.JSON(e)
	}
	pg := p.page(p.out)
	pg.heading(cmp.Or(e.Title, e.Name))
	pg.facts(0, [2]string{"environment", e.Name}, [2]string{"from", e.Source}, [2]string{"digest", e.Digest},
		[2]string{"allows", strings.Join(e.Allow, ", ")}, [2]string{"new secrets go to", e.NewSecrets}, [2]string{"tells", e.Notify})
	pg.section("Protections", e.Protections)
	pg.section("Values", e.Values)
	pg.section("Secrets (where they come from)", e.Secrets)
	if len(e.People) > 0 {
		pg.heading("People")
		var rows [][]cell
		for _, x := range e.People {
			rows = append(rows, []cell{{x.Name, strong}, plain(x.FullName), plain(strings.Join(x.Roles, ", ")), plain(x.Email), plain(x.Phone)})
		}
		pg.table([]string{"person", "name", "roles", "mail", "phone"}, rows)
	}
	if len(e.Targets) > 0 {
		pg.heading("Targets")
		pg.targets(e.Targets)
		for _, t := range e.Targets {
			if len(t.Config) > 0 || t.Fallback != "" {
				pg.gap()
				pg.para(0, t.Name)
				pg.facts(2, append(slices.Clip(t.Config), [2]string{"by hand", t.Fallback})...)
			}
		}
	}
	if b := e.Playbooks; b != nil {
		rows := Pairs{{"signatures", b.Signed}}
		for _, k := range b.Trusted {
			rows = append(rows, [2]string{"may sign", k[0] + " (" + k[1] + ")"})
		}
		pg.section("CACAO playbooks", append(rows, b.Bind...))
	}
	return p.print(p.out, pg)
}
