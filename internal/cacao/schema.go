package cacao

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

var (
	UnknownProperty = codes.Error("IR0704", "unknown property",
		"The property is not part of CACAO 2.0 at this place. The official schemas accept it, so that a misspelt on_failure would be found out in the middle of an incident. What an organisation adds goes into an extension, or has a name that begins with x_ or x-.")
	Missing = codes.Error("IR0705", "missing property",
		"The standard requires the property here.")
	WrongShape = codes.Error("IR0706", "value of the wrong shape",
		"A text stands where a number, list or object is needed, or the other way round, or a list has too few entries.")
	BadIdentifier = codes.Error("IR0707", "malformed identifier",
		"An identifier is the type of its object, two hyphens and a UUID (RFC 4122). Those of steps have UUIDs of version 4.")
	BadTime = codes.Error("IR0708", "malformed timestamp",
		"Timestamps are RFC 3339 in UTC with a Z. `created` and `modified` have exactly three digits behind the point, because `modified` is what tells versions of a playbook apart.")
	OutOfRange = codes.Error("IR0709", "number out of range",
		"Delays and timeouts are milliseconds from 0; priority, severity and impact lie between 0 and 100. A timeout of 0 is no limit; without a timeout irctl ends a command after 10 minutes.")
	UnknownStep = codes.Error("IR0727", "unknown type of step",
		"CACAO 2.0 has the steps start, end, action, playbook-action, parallel, if-condition, while-condition and switch-condition. irctl does not guess what another would do.")
	UnknownWord = codes.Error("IR0739", "unknown word",
		"The place takes one of a few words, and this is none of them.")
)

// conform reports what does not conform to the standard's schema. What is of
// the wrong shape loses its kind, so that nobody reads it. A text that is no
// identifier is told once, wherever else it stands: it still names its step.
func (r *reader) conform(tree *runbook.Value) {
	var all []fault
	standard().judge(tree, nil, func(f fault) { all = append(all, f) })
	for _, f := range all {
		few := f.keyword == "minItems" || f.keyword == "minProperties"
		if f.value.Kind == 0 || few && r.lost {
			continue // it follows from what has been told
		}
		r.nonconforming(f)
	}
	r.found = r.found.Sorted()
}

// nonconforming reports one thing that the schema refuses.
func (r *reader) nonconforming(f fault) {
	v, what := f.value, named(f.path, f.value)
	switch f.keyword {
	case "required":
		r.report(Missing, opening(v.Span), fmt.Sprintf("add %q", f.name), "%s lacks %q", what, f.name)
	case "additionalProperties":
		known := slices.Sorted(maps.Keys(f.rule.Properties))
		detail := "remove it, or declare an extension for it; irctl ignores nothing silently"
		if len(known) < 8 {
			detail = "known are " + strings.Join(known, ", ")
		}
		r.report(UnknownProperty, f.key.Span, cmp.Or(suggest.DidYouMean(f.key.Value, known), detail),
			"%s has no property %q in CACAO 2.0", what, short(f.key.Value)).Fix = f.fix
	case "propertyNames":
		r.identifier(f.key)
	case "enum":
		r.unknownWord(v, f.path, what, f.rule.Enum)
	case "pattern":
		switch f.rule {
		case standard().Defs["identifier"]:
			r.identifier(textOf(v))
		case standard().Defs["timestamp"]:
			r.report(BadTime, v.Span, "write it in UTC with a Z: 2026-03-01T14:30:00.000Z", "%q is not a timestamp", short(v.Text))
			v.Kind = 0
		default:
			r.report(UnknownWord, v.Span, "", "%q is not as %s must be", short(v.Text), what)
		}
	case "minimum":
		r.report(OutOfRange, v.Span, "", "%s must be at least %d", what, *f.rule.Minimum)
		v.Kind = 0
	case "maximum":
		r.report(OutOfRange, v.Span, "", "%s must be at most %d", what, *f.rule.Maximum)
		v.Kind = 0
	case "minItems":
		r.report(WrongShape, v.Span, "add what is missing, or leave it out", "%s must have at least %d entries, and has %d", what, f.rule.MinItems, len(v.Items))
	case "minProperties":
		r.report(WrongShape, v.Span, "add what is missing, or leave it out", "%s is empty", what)
	case "type":
		want := each.Of(f.rule.Type, func(w string) string { return shapes[w] })
		r.report(WrongShape, v.Span, toShape[f.rule.Type[0]], "%s must be %s, not %s", what, strings.Join(want, " or "), shape(v))
		v.Kind = 0
	case "oneOf":
		r.report(Missing, opening(v.Span), "a signature has one of public_key, public_cert_chain, cert_url and thumbprint", "%s does not say, once, by which key", what)
	}
}

// unknownWord reports a text that is none of those that its place takes.
func (r *reader) unknownWord(v *runbook.Value, path []string, what string, words []string) {
	if path[0] == "workflow" {
		r.report(UnknownStep, v.Span, meantOneOf(v.Text, words), "there is no type of step %q in CACAO 2.0, so that nobody knows what it would do", short(v.Text))
		return
	}
	r.report(UnknownWord, v.Span, meantOneOf(v.Text, words), "%s cannot be %q", what, short(v.Text))
}

// shapes are the words for types of JSON.
var shapes = map[string]string{
	"object": "an object", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number with a fraction", "boolean": "true or false", "null": "null",
}

// toShape is how a value of a type is written.
var toShape = map[string]string{
	"string": "put it in double quotes", "array": "write it as [ ... ]", "boolean": "write true or false without quotes", "integer": "write a whole number without quotes",
}

// objects are what stands in lists and dictionaries.
var objects = map[string]string{
	"workflow": "step", "commands": "command", "playbook_variables": "variable", "step_variables": "variable", "agent_definitions": "agent",
	"target_definitions": "target", "authentication_info_definitions": "authentication info", "extension_definitions": "extension definition",
	"data_marking_definitions": "data marking", "external_references": "external reference", "signatures": "signature",
}

// named says what stands at a place of a playbook.
func named(path []string, v *runbook.Value) string {
	if len(path) == 0 {
		return "the playbook"
	}
	last, around := path[len(path)-1], ""
	if len(path) > 1 {
		around = path[len(path)-2]
	}
	what := objects[around]
	kind := textOf(v.Get("type")).Value
	_, err := strconv.Atoi(last)
	switch {
	case what == "step" || what == "command":
		return strings.TrimSpace("the "+short(kind)) + " " + what
	case what == "variable":
		return "the variable " + short(last)
	case what != "":
		return "the " + what
	case err == nil:
		return fmt.Sprintf("an entry of %q", around)
	}
	return strconv.Quote(short(last))
}

func meantOneOf(word string, known []string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "known are "+strings.Join(known, ", "))
}

// shape names the shape of a value.
func shape(v *runbook.Value) string {
	if v.Kind == runbook.IntValue {
		return "a number"
	}
	return shapes[jsonTypes[v.Kind]]
}
