package schema

import (
	"strings"

	"github.com/irctl/irctl/internal/language"
)

// steps is a list of steps.
func (w *writer) steps() object {
	return w.once("steps", func() object {
		return object{"type": "array", "minItems": 1, "items": w.once("step", w.step)}
	})
}

// step chooses by the key that gives a step's kind, so that an editor offers
// what belongs to that kind, and complains about the rest by its name. A step
// that has no kind yet is offered everything.
func (w *writer) step() object {
	var all []any
	var kinds []string
	for _, kind := range language.Kinds() {
		kinds = append(kinds, string(kind))
		of := w.once("step-"+string(kind), func() object { return w.table(language.StepTable(kind)) })
		all = append(all, object{"if": object{"required": []string{string(kind)}}, "then": of})
	}
	all = append(all, object{"if": object{"not": object{"anyOf": requireEach(kinds)}}, "then": w.once("step-to-be", w.stepToBe)})
	return object{"type": "object", "allOf": all}
}

// stepToBe is a step that does not say yet what it does: an error, with every
// key to choose from.
func (w *writer) stepToBe() object {
	properties := object{}
	var kinds []string
	for _, kind := range language.Kinds() {
		kinds = append(kinds, string(kind))
		key, _ := language.StepTable(kind).Key(string(kind))
		properties[key.Name] = w.key(key)
	}
	for _, k := range language.StepTable("").Keys {
		properties[k.Name] = w.key(k)
	}
	for _, name := range language.StepKeys() {
		if _, there := properties[name]; !there {
			key, _ := language.StepTable(language.KindsWith(name)[0]).Key(name)
			properties[name] = object{"description": plain(key.Description)}
		}
	}
	// Editors show the text of a wrong type; that one of several keys is
	// missing they would tell as the lack of the first.
	never := object{"type": "null", "errorMessage": "This step does nothing: add one of " + strings.Join(kinds, ", ") + "."}
	return object{"type": "object", "properties": properties, "additionalProperties": false, "allOf": []any{never}}
}
