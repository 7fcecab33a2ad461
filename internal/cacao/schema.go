package cacao

import (
	"bytes"
	"cmp"
	_ "embed" // the schema
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// schemaText is the standard as a JSON schema: which properties an object has,
// and of which shape.
//
//go:embed schema.json
var schemaText []byte

// standard is the schema, compiled when the first playbook is read, and as it
// stands, to look up what a place would take.
var standard = sync.OnceValues(func() (*jsonschema.Schema, map[string]any) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("cacao.json", doc); err != nil {
		panic(err)
	}
	return c.MustCompile("cacao.json"), doc.(map[string]any)
})

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
	schema, _ := standard()
	var wrong *jsonschema.ValidationError
	if !errors.As(schema.Validate(tree.Data()), &wrong) {
		return
	}
	var visit func(e *jsonschema.ValidationError)
	visit = func(e *jsonschema.ValidationError) {
		switch e.ErrorKind.(type) {
		case *kind.PropertyNames, *kind.OneOf:
		default:
			for _, cause := range e.Causes {
				visit(cause)
			}
			if len(e.Causes) > 0 {
				return
			}
		}
		r.nonconforming(e, tree)
	}
	visit(wrong)
	r.found = r.found.Sorted()
}

// nonconforming reports one thing that the schema refuses.
func (r *reader) nonconforming(e *jsonschema.ValidationError, tree *runbook.Value) {
	v, path := tree, e.InstanceLocation
	for _, step := range path {
		if i, err := strconv.Atoi(step); err == nil && v.Kind == runbook.ListValue {
			v = v.Items[i]
		} else {
			v = v.Get(step)
		}
	}
	if v.Kind == 0 {
		return
	}
	what := named(path, v)
	spoilt := func(code *finding.Code, detail, format string, args ...any) {
		r.report(code, v.Span, detail, format, args...)
		v.Kind = 0
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			r.report(Missing, opening(v.Span), fmt.Sprintf("add %q", name), "%s lacks %q", what, name)
		}
	case *kind.AdditionalProperties:
		known := properties(e.SchemaURL)
		for _, p := range v.Pairs {
			if slices.Contains(k.Properties, p.Key.Value) {
				detail := "remove it, or declare an extension for it; irctl ignores nothing silently"
				if len(known) < 8 {
					detail = "known are " + strings.Join(known, ", ")
				}
				r.report(UnknownProperty, p.Key.Span, cmp.Or(suggest.DidYouMean(p.Key.Value, known), detail),
					"%s has no property %q in CACAO 2.0", what, short(p.Key.Value))
			}
		}
	case *kind.PropertyNames:
		for _, p := range v.Pairs {
			if p.Key.Value == k.Property {
				r.identifier(p.Key)
			}
		}
	case *kind.Enum:
		r.unknownWord(v, path, what, k.Want...)
	case *kind.Const:
		r.unknownWord(v, path, what, k.Want)
	case *kind.Pattern:
		switch {
		case strings.HasSuffix(e.SchemaURL, "/identifier"):
			r.identifier(textOf(v))
		case strings.HasSuffix(e.SchemaURL, "/timestamp"):
			spoilt(BadTime, "write it in UTC with a Z: 2026-03-01T14:30:00.000Z", "%q is not a timestamp", short(v.Text))
		default:
			r.report(UnknownWord, v.Span, "", "%q is not as %s must be", short(v.Text), what)
		}
	case *kind.Minimum:
		spoilt(OutOfRange, "", "%s must be at least %s", what, k.Want.RatString())
	case *kind.Maximum:
		spoilt(OutOfRange, "", "%s must be at most %s", what, k.Want.RatString())
	case *kind.MinItems:
		r.report(WrongShape, v.Span, "add what is missing, or leave it out", "%s must have at least %d entries, and has %d", what, k.Want, k.Got)
	case *kind.MinProperties:
		r.report(WrongShape, v.Span, "add what is missing, or leave it out", "%s is empty", what)
	case *kind.Type:
		want := make([]string, len(k.Want))
		for i, w := range k.Want {
			want[i] = shapes[w]
		}
		spoilt(WrongShape, toShape[k.Want[0]], "%s must be %s, not %s", what, strings.Join(want, " or "), shape(v))
	default: // of the alternatives of a signature
		r.report(Missing, opening(v.Span), "a signature has one of public_key, public_cert_chain, cert_url and thumbprint", "%s does not say, once, by which key", what)
	}
}

// unknownWord reports a text that is none of those that its place takes.
func (r *reader) unknownWord(v *runbook.Value, path []string, what string, want ...any) {
	words := make([]string, len(want))
	for i, w := range want {
		words[i] = fmt.Sprint(w)
	}
	if path[0] == "workflow" {
		r.report(UnknownStep, v.Span, meantOneOf(v.Text, words), "there is no type of step %q in CACAO 2.0, so that nobody knows what it would do", short(v.Text))
		return
	}
	r.report(UnknownWord, v.Span, meantOneOf(v.Text, words), "%s cannot be %q", what, short(v.Text))
}

// shapes are the words for types of JSON.
var shapes = map[string]string{
	"object": "an object", "array": "a list", "string": "a text", "integer": "a whole number", "boolean": "true or false", "null": "null",
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

// properties lists what an object may have at a place of the schema.
func properties(url string) []string {
	_, doc := standard()
	_, pointer, _ := strings.Cut(url, "#")
	at := doc
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if inner, ok := at[step].(map[string]any); ok {
			at = inner
		}
	}
	known, _ := at["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(known))
}

func meantOneOf(word string, known []string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "known are "+strings.Join(known, ", "))
}

// shape names the shape of a value.
func shape(v *runbook.Value) string {
	switch v.Kind {
	case runbook.Null:
		return "null"
	case runbook.BoolValue:
		return "true or false"
	case runbook.IntValue:
		return "a number"
	case runbook.FloatValue:
		return "a number with a fraction"
	case runbook.StringValue:
		return "a text"
	case runbook.ListValue:
		return "a list"
	case runbook.MapValue:
		return "an object"
	}
	return "something else"
}
