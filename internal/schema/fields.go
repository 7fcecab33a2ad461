package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// actionName is one of the actions, each with its manual. Without actions the
// schema is that of the language alone.
func (w *writer) actionName() object {
	var names, summaries, manuals []string
	for _, s := range w.specs {
		names = append(names, s.Name)
		summaries = append(summaries, s.Summary)
		manuals = append(manuals, manual(s))
	}
	if len(names) == 0 {
		return object{"type": "string", "pattern": filled}
	}
	return object{"type": "string", "enum": names, "enumDescriptions": summaries, "markdownEnumDescriptions": manuals}
}

// withByAction types `with` and `target` by `uses`.
func (w *writer) withByAction() object {
	return w.once("inputs-by-action", func() object {
		return allOf(each.Of(w.specs, func(s action.Spec) any {
			return object{
				"if":   object{"properties": object{"uses": object{"const": s.Name}}, "required": []string{"uses"}},
				"then": w.use(s),
			}
		}))
	})
}

func allOf(all []any) object {
	if len(all) == 0 {
		return object{}
	}
	return object{"allOf": all}
}

// use is what stands beside the name of an action.
func (w *writer) use(s action.Spec) object {
	inputs := w.fields("inputs of "+s.Name, s.Inputs, forRunbook)
	inputs["description"] = plain(s.Summary) + "."
	inputs["markdownDescription"] = manual(s)
	properties := object{"with": inputs}
	var required []string
	if len(s.Targets) > 0 {
		required = append(required, "target")
		types := each.Of(s.Targets, func(t action.TargetType) string { return t.Name })
		properties["target"] = object{"description": "The system to act on, by its name in the environment. Its type there is one of: " + strings.Join(types, ", ") + "."}
	} else {
		properties["target"] = object{"type": "null", "errorMessage": s.Name + " takes no target."}
	}
	if _, must := inputs["required"]; must {
		required = append(required, "with")
	}
	out := object{"properties": properties}
	if required != nil {
		out["required"] = required
	}
	return out
}

// targetType is one of the kinds of systems.
func (w *writer) targetType() object {
	summaries := map[string]string{}
	for _, s := range w.specs {
		for _, t := range s.Targets {
			summaries[t.Name] = t.Summary
		}
	}
	names, about := slices.Sorted(maps.Keys(summaries)), []string(nil)
	for _, n := range names {
		about = append(about, plain(summaries[n]))
	}
	if len(names) == 0 {
		return object{"type": "string", "pattern": filled}
	}
	return object{"type": "string", "enum": names, "enumDescriptions": about}
}

// configByType types `config` by `type`. Actions may describe the same type
// with different fields; a config must suit one of them, or `actions` hold the
// fields for each kind of action.
func (w *writer) configByType() object {
	return w.once("config-by-type", func() object {
		forms, actions := map[string][]any{}, map[string]object{}
		required := map[string]bool{}
		for _, s := range w.specs {
			for _, t := range s.Targets {
				config := w.fields("config of "+t.Name, t.Fields, forEnvironment)
				config["description"] = plain(t.Summary) + "."
				if _, must := config["required"]; must {
					required[t.Name] = true
				}
				forms[t.Name] = appendNew(forms[t.Name], w.share("config-"+t.Name, config))
				part := maps.Clone(config)
				delete(part, "required")
				if actions[t.Name] == nil {
					actions[t.Name] = object{}
				}
				actions[t.Name][action.Noun(s.Name)] = part
			}
		}
		var all []any
		for _, name := range slices.Sorted(maps.Keys(forms)) {
			then := object{"properties": object{"config": oneOrAny(forms[name])}}
			if required[name] {
				then["required"] = []string{"config"}
			}
			then = object{
				"if":   object{"required": []string{"actions"}},
				"then": object{"properties": object{"actions": object{"properties": actions[name], "additionalProperties": false}}},
				"else": then,
			}
			all = append(all, object{
				"if":   object{"properties": object{"type": object{"const": name}}, "required": []string{"type"}},
				"then": then,
			})
		}
		return allOf(all)
	})
}

// appendNew appends a reference that is not there yet.
func appendNew(all []any, one object) []any {
	if slices.ContainsFunc(all, func(o any) bool { return o.(object)["$ref"] == one["$ref"] }) {
		return all
	}
	return append(all, one)
}

func oneOrAny(ways []any) object {
	if len(ways) == 1 {
		return ways[0].(object)
	}
	return object{"anyOf": ways}
}

// use of fields: in a runbook a value may be computed, in an environment a
// secret is a reference.
type place int

const (
	forRunbook place = iota + 1
	forEnvironment
)

// fields is the schema of a mapping with declared fields.
func (w *writer) fields(name string, fields []action.Field, at place) object {
	properties := object{}
	var required []string
	for _, f := range fields {
		properties[f.Name] = w.field(f, at)
		if f.Required && f.Default == nil {
			required = append(required, f.Name)
		}
	}
	out := object{"type": "object", "title": name, "properties": properties, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	return out
}

func (w *writer) field(f action.Field, at place) object {
	var ways []any
	switch {
	case f.Secret && at == forEnvironment && scalar(f.Type):
		ways = []any{w.secret()}
	case f.Secret && f.Type != action.Map:
		ways = []any{object{}}
	default:
		ways = []any{w.typed(f, at)}
		if at == forRunbook && f.Type != action.Any {
			ways = append(ways, w.expression())
		}
	}
	s := oneOrAny(ways)
	s["description"] = plain(f.Description)
	s["markdownDescription"] = fieldText(f)
	if v, ok := example(f.Example); ok && f.Example != "" {
		s["examples"] = []any{v}
	}
	if f.Default != nil {
		s["default"] = jsonOf(f.Default)
	}
	return s
}

func scalar(t action.Type) bool { return t != action.List && t != action.Map && t != action.Any }

// secret is a reference to an entry of the environment's `secrets:`.
func (w *writer) secret() object {
	return w.once("secret", func() object {
		return object{
			"type": "object", "properties": object{"secret": object{"type": "string", "description": "The name of an entry of secrets."}},
			"required": []string{"secret"}, "additionalProperties": false,
			"errorMessage": "A secret stands here as {secret: NAME}; secrets says where it lies.",
		}
	})
}

// typed is the schema of a type. A text that is written exactly as the type is
// taken for it, as everywhere in irctl.
func (w *writer) typed(f action.Field, at place) object {
	switch f.Type {
	case action.String:
		s := object{"type": []string{"string", "integer"}}
		if p := ecma(f.Pattern); p != "" {
			s["pattern"] = p
		}
		return s
	case action.Int:
		return object{"type": []string{"integer", "string"}, "pattern": `^-?(0|[1-9][0-9]*)$`}
	case action.Float:
		return object{"type": []string{"number", "string"}, "pattern": `^[-+0-9.eE]+$`}
	case action.Bool:
		return object{"type": []string{"boolean", "string"}, "pattern": `^(true|false)$`}
	case action.Duration:
		return object{"type": "string", "pattern": duration}
	case action.Time:
		return object{"type": "string", "pattern": timestamp}
	case action.Enum:
		return object{"enum": f.Enum}
	case action.List:
		return object{"type": "array", "items": w.item(f, at)}
	case action.Map:
		if len(f.Fields) > 0 && f.Items == "" {
			return w.share("fields-"+f.Name, w.fields(f.Name, f.Fields, at))
		}
		return object{"type": "object", "additionalProperties": w.item(f, at)}
	}
	return object{}
}

// item is the schema of a list's element or a map's value.
func (w *writer) item(f action.Field, at place) object {
	if f.Items == "" || f.Items == action.Any || f.Items == action.List || f.Secret {
		return object{}
	}
	s := w.typed(action.Field{Name: f.Name, Type: f.Items, Fields: f.Fields, Enum: f.Enum, Pattern: f.Pattern}, at)
	if at == forRunbook {
		return object{"anyOf": []any{s, w.expression()}}
	}
	return s
}

var inlineFlags = pattern.Late(`\(\?[a-zA-Z]|\\[AzQE]|\[\[:`)

// ecma writes an RE2 pattern that must match the whole text as one of
// ECMAScript; "" if it says what the latter cannot.
func ecma(pattern string) string {
	if pattern == "" || inlineFlags().MatchString(pattern) {
		return ""
	}
	return fmt.Sprintf("^(?:%s)$", pattern)
}
