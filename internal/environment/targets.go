package environment

import (
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

func (p *parser) target(pair runbook.Pair) {
	m := p.Fields(pair.Value, "a target", targetTable)
	if m == nil {
		return
	}
	t := Target{
		Name: pair.Key.Value, typeText: m.Text("type"), key: pair.Key,
		Zone: m.Text("zone").Value, Owner: m.Text("owner").Value,
		Fallback: m.Text("fallback").Value, Description: m.Text("description").Value,
	}
	t.Type, t.Labels = t.typeText.Value, p.labels(m)
	if m.Has("config") {
		t.config = m.Value("config")
		if p.Mapping(t.config, "`config`") == nil {
			t.config = nil
		}
	}
	for _, about := range m.Entries("actions", language.StepName) {
		if p.Mapping(about.Value, "`"+about.Key.Value+"`") == nil {
			continue
		}
		for _, field := range about.Value.Pairs {
			if t.config.Get(field.Key.Value) != nil {
				p.Report(BadConfig, field.Key.Span, "write it in one of the two places", "the target `%s`: `%s` stands in `config`, too", t.Name, action.CleanLine(field.Key.Value, 40))
			}
		}
		t.actions = append(t.actions, about)
	}
	t.eachSecret(func(name *runbook.Value) {
		p.used = append(p.used, runbook.Text{Value: name.Text, Span: name.Span})
	})
	p.env.Targets = append(p.env.Targets, t)
}

// configFor is the config for actions about a noun: what all share, and what the
// target says of the noun.
func (t Target) configFor(noun string) *runbook.Value {
	for _, about := range t.actions {
		if about.Key.Value != noun {
			continue
		}
		if t.config == nil {
			return about.Value
		}
		whole := *t.config
		whole.Pairs = slices.Concat(t.config.Pairs, about.Value.Pairs)
		return &whole
	}
	return t.config
}

// nouns are what the target says something of by itself.
func (t Target) nouns() []string {
	return each.Of(t.actions, func(p runbook.Pair) string { return p.Key.Value })
}

// eachSecret finds the references to secrets in all that the target says.
func (t Target) eachSecret(do func(name *runbook.Value)) {
	eachSecret(t.config, do)
	for _, about := range t.actions {
		eachSecret(about.Value, do)
	}
}

// secretRef returns NAME of a {secret: NAME}.
func secretRef(v *runbook.Value) (*runbook.Value, bool) {
	if v == nil || v.Kind != runbook.MapValue || len(v.Pairs) != 1 || v.Pairs[0].Key.Value != "secret" {
		return nil, false
	}
	name := v.Pairs[0].Value
	return name, name.Kind == runbook.StringValue
}

func eachSecret(v *runbook.Value, do func(name *runbook.Value)) {
	if v == nil {
		return
	}
	if name, ok := secretRef(v); ok {
		do(name)
		return
	}
	for _, item := range v.Items {
		eachSecret(item, do)
	}
	for _, pair := range v.Pairs {
		eachSecret(pair.Value, do)
	}
}

// data turns a config into what coerce.Fields takes, asking for each secret.
func data(v *runbook.Value, secret func(name string) (action.Secret, error)) (any, error) {
	if name, ok := secretRef(v); ok {
		return secret(name.Text)
	}
	switch {
	case v == nil:
		return nil, nil
	case v.Kind == runbook.ListValue:
		out := make([]any, len(v.Items))
		for i, item := range v.Items {
			var err error
			if out[i], err = data(item, secret); err != nil {
				return nil, err
			}
		}
		return out, nil
	case v.Kind == runbook.MapValue:
		out := make(map[string]any, len(v.Pairs))
		for _, pair := range v.Pairs {
			var err error
			if out[pair.Key.Value], err = data(pair.Value, secret); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v.Data(), nil
}

// locate finds the place of a problem in a config: its Input is a path such as
// "auth.basic.user" or "commands[2]". Of what is missing, it is the place of
// what it is missing in.
func locate(v *runbook.Value, path string, otherwise runbook.Span) runbook.Span {
	if v == nil || path == "" {
		return otherwise
	}
	for _, pair := range v.Pairs {
		rest, ok := strings.CutPrefix(path, pair.Key.Value)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return locate(pair.Value, strings.TrimPrefix(rest, "."), pair.Key.Span)
		}
	}
	for i, item := range v.Items {
		rest, ok := strings.CutPrefix(path, "["+strconv.Itoa(i)+"]")
		if ok {
			return locate(item, strings.TrimPrefix(rest, "."), item.Span)
		}
	}
	return otherwise
}
