package environment

import (
	"strconv"
	"strings"

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
	t.Type = t.typeText.Value
	if m.Has("config") {
		t.config = m.Value("config")
		if p.Mapping(t.config, "`config`") == nil {
			t.config = nil
		}
	}
	eachSecret(t.config, func(name *runbook.Value) {
		p.used = append(p.used, runbook.Text{Value: name.Text, Span: name.Span})
	})
	p.env.Targets = append(p.env.Targets, t)
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
