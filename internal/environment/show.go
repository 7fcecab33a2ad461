package environment

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Reference says where a declared secret lies, as text for people: a place,
// never the secret.
func (e *Environment) Reference(name string) string {
	s := e.secrets[name]
	switch {
	case s.env != "":
		return "env:" + s.env
	case s.file != "":
		return "file:" + s.file
	case len(s.exec) > 0:
		return "exec:" + strings.Join(s.exec, " ")
	case s.age != "":
		return "age:" + s.age + ", by " + s.identity
	}
	return ""
}

// NewSecretsPlace is where new credentials go, as the file gives it, for
// people; "" if it names no place.
func (e *Environment) NewSecretsPlace() string {
	s := e.sink
	switch {
	case len(s.put) > 0:
		return "exec:" + strings.Join(s.put, " ")
	case len(s.recipients) > 0:
		return fmt.Sprintf("%s, encrypted to %d", s.folder, len(s.recipients))
	}
	return s.folder
}

// Config returns the target's fields in the file's order, as text for people.
// A secret stands as the name of its entry in `secrets:`.
func (t Target) Config() [][2]string {
	var out [][2]string
	if t.config != nil {
		for _, p := range t.config.Pairs {
			out = append(out, [2]string{p.Key.Value, brief(p.Value)})
		}
	}
	for _, about := range t.actions {
		out = append(out, [2]string{"actions." + about.Key.Value, brief(about.Value)})
	}
	return out
}

// Described is how a target is described, a text for each field; nil if there is
// no such target. Secrets stand by their names.
func (e *Environment) Described(name string) map[string]any {
	t, ok := e.Target(name)
	if !ok {
		return nil
	}
	out := map[string]any{"type": t.Type}
	for _, f := range t.Config() {
		out[f[0]] = f[1]
	}
	return out
}

// brief writes a value on one line.
func brief(v *runbook.Value) string {
	switch v.Kind {
	case runbook.ListValue:
		parts := each.Of(v.Items, brief)
		return "[" + strings.Join(parts, ", ") + "]"
	case runbook.MapValue:
		parts := each.Of(v.Pairs, func(p runbook.Pair) string { return p.Key.Value + ": " + brief(p.Value) })
		return "{" + strings.Join(parts, ", ") + "}"
	case runbook.StringValue:
		return v.Text
	}
	return fmt.Sprint(v.Data())
}

// Differs says what is another in this environment than in the one before, for
// people, sorted.
func (e *Environment) Differs(before *Environment) []string {
	was, is := before.parts(), e.parts()
	var out []string
	for name, text := range is {
		if old, there := was[name]; !there {
			out = append(out, name+" is new")
		} else if old != text {
			out = append(out, name+" was changed")
		}
	}
	for name := range was {
		if _, there := is[name]; !there {
			out = append(out, name+" is gone")
		}
	}
	if len(out) == 0 {
		out = append(out, "comments, settings or the order were changed")
	}
	slices.Sort(out)
	return out
}

// parts are what stands in the file, by what it is called.
func (e *Environment) parts() map[string]string {
	out := map[string]string{"where new secrets go": e.NewSecretsPlace(), "what may be connected to": fmt.Sprint(e.allow), "what is passed on": fmt.Sprint(e.pass), "who is told that a run waits": e.Notify.String(), "what is protected": fmt.Sprint(e.rules)}
	for name, text := range e.values {
		out["value "+name] = text
	}
	for name := range e.secrets {
		out["secret "+name] = e.Reference(name)
	}
	for _, p := range e.People {
		text, _ := json.Marshal(p)
		out["person "+p.Name] = string(text)
	}
	for _, t := range e.Targets {
		if t.group != "" {
			continue // it follows from the group
		}
		out["target "+t.Name] = fmt.Sprint(t.Type, t.Zone, t.Owner, t.Fallback, t.Labels, t.Config())
	}
	for _, g := range e.groups {
		out["group "+g.key.Value] = fmt.Sprint(g.hosts, g.file, g.command, g.ansible, g.of, g.target.Labels, g.target.Config())
	}
	for _, a := range e.Anchors {
		out["anchor "+a.Name] = fmt.Sprint(a)
	}
	return out
}
