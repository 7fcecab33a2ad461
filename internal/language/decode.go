package language

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// Decoder turns the tree of a file into something typed and gathers what is
// wrong with it. Its methods never stop at a problem: they report it and
// return a zero value. The zero Decoder is ready.
type Decoder struct {
	diags  runbook.Diagnostics
	more   int            // findings beyond maxFindings
	unread []runbook.Span // lines that were left out behind a mistake
	spoilt []int          // offsets of characters that are not allowed

	patterns int // their sizes together, see patternSize
}

// Report adds a finding and returns it, for what else there is to say of it
// right then. The detail says what to do.
func (d *Decoder) Report(code *finding.Code, at runbook.Span, detail, format string, args ...any) *runbook.Diagnostic {
	if d.follows(at) {
		return &runbook.Diagnostic{}
	}
	if len(d.diags) >= maxFindings {
		d.more++
		return &runbook.Diagnostic{}
	}
	d.diags = append(d.diags, code.At(at, fmt.Sprintf(format, args...), detail))
	return &d.diags[len(d.diags)-1]
}

var TooManyFindings = codes.Error("IR0124", "too many problems",
	"The list of problems was cut off. Correct the first ones; the rest often goes with them.")

// Diagnostics returns what was reported.
func (d *Decoder) Diagnostics() runbook.Diagnostics {
	if d.more == 0 {
		return d.diags
	}
	last := d.diags[len(d.diags)-1]
	return append(slices.Clip(d.diags), TooManyFindings.At(last.Span, fmt.Sprintf("%d more problems are not shown", d.more), "correct these first"))
}

// Include adds what was found elsewhere.
func (d *Decoder) Include(ds runbook.Diagnostics) {
	d.diags = append(d.diags, ds...)
	for _, f := range ds {
		switch f.Code {
		case BadCharacter.ID:
			d.spoilt = append(d.spoilt, f.Span.Start.Offset)
		case NotYAML.ID:
			for _, r := range f.Related {
				d.unread = append(d.unread, r.Span)
			}
		}
	}
}

// follows reports whether what is wrong with a word follows from a character in
// it that is not allowed.
func (d *Decoder) follows(at runbook.Span) bool {
	return at.Start.Line == at.End.Line && slices.ContainsFunc(d.spoilt, func(i int) bool { return at.Start.Offset <= i && i < at.End.Offset })
}

// Misspelt is the edit of a key where it is certain which was meant, nil where
// it is not.
func Misspelt(k runbook.Text, known []string, in []runbook.Pair) *runbook.Edit {
	keys := each.Of(in, func(p runbook.Pair) string { return p.Key.Value })
	meant := suggest.Key(k.Value, known, keys)
	if meant == "" {
		return nil
	}
	return &runbook.Edit{Span: k.Span, Text: meant}
}

// Value returns a key's value as it is; nil if the key is absent. A key
// without a value is reported.
func (m *Mapping) Value(key string) *runbook.Value {
	p := m.lookup(key)
	if p == nil || p.Value.Kind == 0 {
		return nil
	}
	if p.Value.Kind == runbook.Null {
		if slices.ContainsFunc(m.d.unread, func(u runbook.Span) bool {
			return u.Start.Column > p.Key.Span.Start.Column && u.Start.Line > p.Key.Span.Start.Line && u.Start.Line <= m.value.Span.End.Line+1
		}) {
			return nil // it stands in lines that were left out
		}
		m.d.Report(EmptyValue, p.Key.Span, "give it a value or remove the line", "`%s` has no value", key)
		return nil
	}
	return p.Value
}

// Text returns a key's text. A whole number is taken as it is written.
func (m *Mapping) Text(key string) runbook.Text {
	v := m.Value(key)
	if v == nil {
		return runbook.Text{}
	}
	return m.d.text(v, "`"+key+"`")
}

// Texts returns a list of texts. A single text counts as a list of one.
func (m *Mapping) Texts(key string) []runbook.Text {
	v := m.Value(key)
	if v == nil {
		return nil
	}
	items := v.Items
	if v.Kind != runbook.ListValue {
		if v.Kind != runbook.StringValue {
			m.d.Report(WrongShape, v.Span, "write it as [one, two]", "`%s` must be a list of texts, not %s", key, kindWords(v))
			return nil
		}
		items = []*runbook.Value{v}
	}
	out := make([]runbook.Text, 0, len(items))
	for _, item := range items {
		if t := m.d.text(item, "an entry of `"+key+"`"); t.Given() {
			out = append(out, t)
		}
	}
	return out
}

// Text reads the value of an entry as a text.
func (d *Decoder) Text(p runbook.Pair) runbook.Text {
	return d.text(p.Value, "`"+short(p.Key.Value)+"`")
}

func (d *Decoder) text(v *runbook.Value, what string) runbook.Text {
	switch {
	case v == nil || v.Kind == 0:
		return runbook.Text{}
	case v.Kind == runbook.StringValue || v.Kind == runbook.IntValue:
		if strings.TrimSpace(v.Text) == "" {
			d.Report(EmptyValue, v.Span, "give it a text or remove it", "%s is empty", what)
		}
		return runbook.Text{Value: v.Text, Span: v.Span}
	case v.Kind == runbook.Null:
		d.Report(EmptyValue, v.Span, "give it a text or remove it", "%s is empty", what)
		return runbook.Text{}
	}
	r := d.Report(WrongShape, v.Span, textHint(v), "%s must be a text, not %s", what, kindWords(v))
	if v.Kind == runbook.BoolValue || v.Kind == runbook.FloatValue {
		r.Fix = &runbook.Edit{Span: v.Span, Text: "'" + v.Text + "'"}
	}
	return runbook.Text{}
}

func textHint(v *runbook.Value) string {
	switch {
	case v.Kind == runbook.MapValue && len(v.Pairs) == 1 && strings.HasPrefix(v.Pairs[0].Key.Value, "{"):
		return "put ${{ }} in quotes"
	case v.Kind == runbook.MapValue && len(v.Pairs) > 0:
		return "if it is a text that holds \": \", put it in quotes"
	case v.Kind == runbook.BoolValue || v.Kind == runbook.FloatValue:
		return fmt.Sprintf("put it in quotes: '%s'", v.Text)
	}
	return ""
}

// Scalar returns a value that is a text and may hold ${{ }}.
func (m *Mapping) Scalar(key string) *runbook.Value {
	if !m.Text(key).Given() {
		return nil
	}
	return m.lookupValue(key)
}

// Name returns a text that must match a pattern of names.
func (m *Mapping) Name(key string, form NameForm) runbook.Text {
	t := m.Text(key)
	if t.Given() && !m.d.CheckName(t, form) {
		return runbook.Text{}
	}
	return t
}

// Word returns a text that must be one of the words of the key's table.
func (m *Mapping) Word(key string) runbook.Text {
	t := m.Text(key)
	k, _ := m.table.Key(key)
	words := k.Forms[0].Words
	if !t.Given() || slices.Contains(words, t.Value) {
		return t
	}
	detail, fix := "write "+list(words, "or"), (*runbook.Edit)(nil)
	if meant := suggest.Only(t.Value, words); meant != "" {
		detail, fix = suggest.Meant(meant), &runbook.Edit{Span: t.Span, Text: meant}
	}
	m.d.Report(UnknownWord, t.Span, detail, "`%s` does not know %q", key, short(t.Value)).Fix = fix
	return runbook.Text{}
}

var NotBool = codes.Error("IR0117", "not true or false",
	"Only `true` and `false` are booleans. `yes`, `no`, `on` and `off` are texts, because readers of YAML disagree about them.")

// Bool returns a bool, and whether a good one is there.
func (m *Mapping) Bool(key string) (value, given bool) {
	v := m.Value(key)
	switch {
	case v == nil:
		return false, false
	case v.Kind == runbook.BoolValue:
		return v.Bool, true
	}
	detail, fix := "write true or false", (*runbook.Edit)(nil)
	if better, ok := spokenBool[strings.ToLower(v.Text)]; ok && v.Kind == runbook.StringValue {
		detail, fix = fmt.Sprintf("write %s; irctl reads %s as a text", better, short(v.Text)), &runbook.Edit{Span: v.Span, Text: better}
	}
	m.d.Report(NotBool, v.Span, detail, "`%s` must be true or false", key).Fix = fix
	return false, false
}

var spokenBool = map[string]string{"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false", "true": "true", "false": "false"}

// Int returns a whole number between the bounds of its key; 0 if absent or wrong.
func (m *Mapping) Int(key string) int64 {
	v := m.Value(key)
	if v == nil {
		return 0
	}
	low, high := m.bounds(key)
	least, most := int64(low), int64(high)
	if v.Kind != runbook.IntValue {
		m.d.Report(Malformed, v.Span, numberHint(v), "`%s` must be a whole number", key)
		return 0
	}
	if v.Int < least || v.Int > most {
		m.d.Report(Malformed, v.Span, "", "`%s` must be between %d and %d", key, least, most)
		return 0
	}
	return v.Int
}

func numberHint(v *runbook.Value) string {
	switch t := strings.ReplaceAll(v.Text, "_", ""); {
	case v.Kind != runbook.StringValue:
		return "write it in digits, without a fraction"
	case len(t) > 1 && t[0] == '0' && isWhole(strings.TrimLeft(t, "0ox")):
		return "write it in decimal digits, without a leading 0; in quotes it is a text"
	case t != v.Text && isWhole(t):
		return "write " + t
	case !v.Plain || v.TextStart != v.Span.Start:
		return "write it without quotes"
	}
	return "write it in digits"
}

// Number returns a value that is a number between the bounds of its key, or holds
// ${{ }}.
func (m *Mapping) Number(key string) *runbook.Value {
	v := m.Value(key)
	if v == nil || v.HasExpr() {
		return v
	}
	least, most := m.bounds(key)
	n := v.Float
	if v.Kind == runbook.IntValue {
		n = float64(v.Int)
	}
	if v.Kind != runbook.IntValue && v.Kind != runbook.FloatValue {
		m.d.Report(Malformed, v.Span, numberHint(v), "`%s` must be a number", key)
		return nil
	}
	if n < least || n > most {
		m.d.Report(Malformed, v.Span, "", "`%s` must be between %v and %v", key, least, most)
		return nil
	}
	return v
}

// Duration returns a value that is a duration, or holds ${{ }}.
func (m *Mapping) Duration(key string) *runbook.Value {
	v := m.Value(key)
	if v == nil {
		return nil
	}
	return m.d.duration(v, "`"+key+"`")
}

func (d *Decoder) duration(v *runbook.Value, what string) *runbook.Value {
	if v == nil || v.HasExpr() {
		return v
	}
	got, err := time.ParseDuration(v.Text)
	switch {
	case v.Kind == runbook.StringValue && err != nil && written().MatchString(v.Text):
		d.Report(Malformed, v.Span, "the longest is 2562047h, which is 292 years", "%s is longer than can be counted", what)
	case v.Kind == runbook.IntValue && v.Int != 0:
		d.Report(Malformed, v.Span, fmt.Sprintf("add a unit: %ss, %sm or %sh", v.Text, v.Text, v.Text), "%s must be a duration", what)
	case v.Kind != runbook.StringValue || err != nil:
		r := d.Report(Malformed, v.Span, durationHint(v), "%s must be a duration", what)
		if m := units().FindStringSubmatch(v.Text); m != nil {
			r.Fix = &runbook.Edit{Span: v.Span, Text: m[1] + m[2]}
		}
	case got < 0:
		d.Report(Malformed, v.Span, "write it without the minus sign", "%s must not be negative", what)
	default:
		return v
	}
	return nil
}

var (
	written = pattern.Late(`^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`)

	clock = pattern.Late(`^([0-9]+):([0-9]{2})$`)
	days  = pattern.Late(`^([0-9]{1,4}) ?(d|days?)$`)
	units = pattern.Late(`^([0-9]+) ?(s|m|h)[a-z]*$`)
)

func durationHint(v *runbook.Value) string {
	if m := days().FindStringSubmatch(v.Text); m != nil {
		n := 0
		_, _ = fmt.Sscan(m[1], &n)
		return fmt.Sprintf("days vary in length; write %dh", 24*n)
	}
	if m := clock().FindStringSubmatch(v.Text); m != nil {
		return fmt.Sprintf("write %sm%ss or %sh%sm", m[1], m[2], m[1], m[2])
	}
	if m := units().FindStringSubmatch(v.Text); m != nil {
		return "write " + m[1] + m[2]
	}
	return "write numbers with units, such as 90s, 15m or 2h30m"
}

// Time returns a time that is written out; zero if absent or wrong.
func (m *Mapping) Time(key string) time.Time {
	t := m.Text(key)
	at, err := time.Parse(time.RFC3339, t.Value)
	if t.Given() && err != nil {
		m.d.Report(Malformed, t.Span, "write it like 2026-03-01T02:00:00Z", "`%s` must be a time", key)
	}
	return at
}

// Items returns the elements of a list.
func (m *Mapping) Items(key string) []*runbook.Value {
	v := m.Value(key)
	if v == nil {
		return nil
	}
	if v.Kind != runbook.ListValue {
		m.d.Report(WrongShape, v.Span, "begin each entry with `- `", "`%s` must be a list, not %s", key, kindWords(v))
		return nil
	}
	return v.Items
}

// Entries returns the entries of a mapping with free keys of a form.
func (m *Mapping) Entries(key string, form NameForm) []runbook.Pair {
	v := m.Value(key)
	if v == nil {
		return nil
	}
	if v.Kind != runbook.MapValue {
		m.d.Report(WrongShape, v.Span, "write it as `name: value` lines", "`%s` must be a mapping, not %s", key, kindWords(v))
		return nil
	}
	for _, p := range v.Pairs {
		m.d.CheckName(p.Key, form)
	}
	return v.Pairs
}
