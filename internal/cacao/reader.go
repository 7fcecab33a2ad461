package cacao

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var codes = finding.Unshown("a whole playbook is too long for an example; `irctl help cacao` has one")

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

// maxFindings is how many findings one file can have; more help nobody.
const maxFindings = 200

// reader turns a tree into something typed and gathers what is wrong with it.
// Its methods never stop at a problem: they report it and return a zero value.
type reader struct {
	found runbook.Diagnostics
}

func (r *reader) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) {
	if len(r.found) < maxFindings {
		r.found = append(r.found, code.At(at, fmt.Sprintf(format, args...), detail))
	}
}

// object is a JSON object whose properties are read by name. A nil object is
// empty.
type object struct {
	r     *reader
	what  string // "the playbook", for messages
	value *runbook.Value
}

var (
	UnknownProperty = codes.Error("IR0704", "unknown property",
		"The property is not part of CACAO 2.0 at this place. The official schemas accept it, so that a misspelt on_failure would be found out in the middle of an incident. What an organisation adds goes into an extension, or has a name that begins with x_ or x-.")
	WrongShape = codes.Error("IR0706", "value of the wrong shape",
		"A text stands where a number, list or object is needed, or the other way round.")
)

// object reads a value as an object with certain properties and reports those
// that are not known; "x_" and "x-" begin properties of one's own. Without
// known properties every one is accepted.
func (r *reader) object(v *runbook.Value, what string, known ...string) *object {
	if v == nil || v.Kind == 0 {
		return nil
	}
	if v.Kind != runbook.MapValue {
		r.report(WrongShape, v.Span, "", "%s must be an object, not %s", what, shape(v))
		return nil
	}
	for _, p := range v.Pairs {
		if name := p.Key.Value; len(known) > 0 && !slices.Contains(known, name) && !strings.HasPrefix(name, "x_") && !strings.HasPrefix(name, "x-") {
			r.report(UnknownProperty, p.Key.Span, meant(name, known), "%s has no property %q in CACAO 2.0", what, short(name))
		}
	}
	return &object{r, what, v}
}

func meant(word string, known []string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "remove it, or declare an extension for it; irctl ignores nothing silently")
}

// pair returns a property with its key.
func (o *object) pair(name string) (runbook.Pair, bool) {
	if o == nil {
		return runbook.Pair{}, false
	}
	for _, p := range o.value.Pairs {
		if p.Key.Value == name {
			return p, true
		}
	}
	return runbook.Pair{}, false
}

// value returns a property as it is, nil if it is absent.
func (o *object) get(name string) *runbook.Value {
	p, ok := o.pair(name)
	if !ok || p.Value.Kind == 0 {
		return nil
	}
	return p.Value
}

var Missing = codes.Error("IR0705", "missing property",
	"The standard requires the property here.")

// require reports the properties that are missing.
func (o *object) require(names ...string) {
	for _, name := range names {
		if _, ok := o.pair(name); o != nil && !ok {
			o.r.report(Missing, o.begin(), fmt.Sprintf("add %q", name), "%s lacks %q", o.what, name)
		}
	}
}

// begin is the opening brace, the place for what is missing.
func (o *object) begin() runbook.Span { return opening(o.value.Span) }

// opening is the first character of a place.
func opening(at runbook.Span) runbook.Span {
	at.End = at.Start
	at.End.Column++
	at.End.Offset++
	return at
}

// scalar returns a property that is a text; nil if it is absent or no text.
func (o *object) scalar(name string) *runbook.Value {
	v := o.get(name)
	if v == nil || v.Kind == runbook.StringValue {
		return v
	}
	o.r.report(WrongShape, v.Span, "put it in double quotes", "%q must be a text, not %s", name, shape(v))
	return nil
}

// text returns a property that is a text.
func (o *object) text(name string) runbook.Text { return textOf(o.scalar(name)) }

func textOf(v *runbook.Value) runbook.Text {
	if v == nil {
		return runbook.Text{}
	}
	return runbook.Text{Value: v.Text, Span: v.Span}
}

// items returns the elements of a property that is a list.
func (o *object) items(name string) []*runbook.Value {
	v := o.get(name)
	if v == nil {
		return nil
	}
	if v.Kind != runbook.ListValue {
		o.r.report(WrongShape, v.Span, "write it as [ ... ]", "%q must be a list, not %s", name, shape(v))
		return nil
	}
	return v.Items
}

// texts returns a property that is a list of texts.
func (o *object) texts(name string) []runbook.Text {
	var out []runbook.Text
	for _, item := range o.items(name) {
		switch {
		case item.Kind == runbook.StringValue:
			out = append(out, textOf(item))
		case item.Kind != 0:
			o.r.report(WrongShape, item.Span, "put it in double quotes", "an entry of %q must be a text, not %s", name, shape(item))
		}
	}
	return out
}

// entries returns the entries of a property that is an object with free keys.
func (o *object) entries(name string) []runbook.Pair {
	v := o.get(name)
	if v == nil {
		return nil
	}
	if v.Kind != runbook.MapValue {
		o.r.report(WrongShape, v.Span, "", "%q must be an object, not %s", name, shape(v))
		return nil
	}
	return v.Pairs
}

func (o *object) bool(name string) bool {
	v := o.get(name)
	if v != nil && v.Kind != runbook.BoolValue {
		o.r.report(WrongShape, v.Span, "write true or false without quotes", "%q must be true or false, not %s", name, shape(v))
		return false
	}
	return v != nil && v.Bool
}

var OutOfRange = codes.Error("IR0709", "number out of range",
	"Delays and timeouts are milliseconds from 0; priority, severity and impact lie between 0 and 100. A timeout of 0 is no limit; without a timeout irctl ends a command after 10 minutes.")

// whole returns a whole number between two bounds, nil if it is absent or
// wrong.
func (o *object) whole(name string, least, most int64) *runbook.Value {
	v := o.get(name)
	switch {
	case v == nil:
		return nil
	case v.Kind != runbook.IntValue:
		o.r.report(WrongShape, v.Span, "write a whole number without quotes", "%q must be a whole number, not %s", name, shape(v))
		return nil
	case v.Int < least || v.Int > most:
		o.r.report(OutOfRange, v.Span, "", "%q must be between %d and %d", name, least, most)
		return nil
	}
	return v
}

// maxMilliseconds is a hundred years.
const maxMilliseconds = 100 * 366 * 24 * 3600 * 1000

func (o *object) milliseconds(name string) *Milliseconds {
	v := o.get(name)
	switch {
	case v == nil:
		return nil
	case v.Kind == runbook.IntValue && v.Int < 0:
		o.r.report(OutOfRange, v.Span, "write a number of milliseconds from 0", "%q must not be negative", name)
		return nil
	}
	if v = o.whole(name, 0, maxMilliseconds); v == nil {
		return nil
	}
	return &Milliseconds{v.Int, v.Span}
}

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)
	// section 10.17: UTC with Z, no fraction or one with digits
	timestamp = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`)
)

// id returns a property that is an identifier, type--UUID.
func (o *object) id(name string) runbook.Text {
	t := o.text(name)
	if t.Given() && !o.r.identifier(t) {
		return runbook.Text{}
	}
	return t
}

func (o *object) ids(name string) []runbook.Text {
	var out []runbook.Text
	for _, t := range o.texts(name) {
		if o.r.identifier(t) {
			out = append(out, t)
		}
	}
	return out
}

var BadIdentifier = codes.Error("IR0707", "malformed identifier",
	"An identifier is the type of its object, two hyphens and a UUID (RFC 4122). Those of steps have UUIDs of version 4.")

// identifier reports a text that is no identifier (section 10.10).
func (r *reader) identifier(t runbook.Text) bool {
	if identifier.MatchString(t.Value) {
		return true
	}
	r.report(BadIdentifier, t.Span, "an identifier is a type, two hyphens and an RFC 4122 UUID: action--b1f5...", "%q is not an identifier", short(t.Value))
	return false
}

var BadTime = codes.Error("IR0708", "malformed timestamp",
	"Timestamps are RFC 3339 in UTC with a Z. `created` and `modified` have exactly three digits behind the point, because `modified` is what tells versions of a playbook apart.")

// time returns a property that is a timestamp.
func (o *object) time(name string) Time {
	t := o.text(name)
	if !t.Given() {
		return Time{}
	}
	at, err := time.Parse(time.RFC3339, t.Value)
	if err != nil || !timestamp.MatchString(t.Value) {
		o.r.report(BadTime, t.Span, "write it in UTC with a Z: 2026-03-01T14:30:00.000Z", "%q is not a timestamp", short(t.Value))
		return Time{}
	}
	return Time{t, at.UTC()}
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

// short is a text as a message may quote it.
func short(s string) string { return action.CleanLine(s, 61) }
