package language

import (
	"cmp"
	"errors"
	"regexp/syntax"
	"slices"

	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// otherTypes are the names that other languages give to types.
var otherTypes = map[string]string{
	"text": "string", "str": "string", "integer": "int", "number": "float", "double": "float", "boolean": "bool",
	"array": "list", "object": "map", "dict": "map", "mapping": "map", "date": "time", "datetime": "time",
	"timestamp": "time", "choice": "enum", "select": "enum", "secret": "string",
}

// Inputs reads the declarations below a key: name: type, or a mapping with the
// keys of t, which are those of [InputTable] and maybe more.
func (d *Decoder) Inputs(m *Mapping, key string, t Table) []*runbook.Input {
	var out []*runbook.Input
	for _, pair := range m.Entries(key, VariableName) {
		if in := d.input(pair, t); in != nil {
			if required := pair.Value.Get("required"); key == "outputs" && in.Default == nil && (required == nil || required.Kind == runbook.Null) {
				in.Required = true // what a person does is not done without what it was done for
			}
			out = append(out, in)
		}
	}
	return out
}

func (d *Decoder) input(pair runbook.Pair, t Table) *runbook.Input {
	in := &runbook.Input{Name: pair.Key, Type: runbook.Text{Value: "string"}, Span: pair.Value.Span}
	switch pair.Value.Kind {
	case runbook.Null: // `name:` alone is a text
		in.Span = pair.Key.Span
		return in
	case runbook.StringValue:
		in.Type = d.typeWord(runbook.Text{Value: pair.Value.Text, Span: pair.Value.Span})
		return in
	}
	m := d.known(pair.Value, "`"+short(pair.Key.Value)+"`", t)
	if m == nil {
		return nil
	}
	if t := m.Text("type"); t.Given() {
		in.Type = d.typeWord(t)
	} else if m.Has("values") {
		in.Type.Value = "enum"
	}
	if t := m.Text("items"); t.Given() {
		in.Items = d.typeWord(t)
	}
	in.Required, _ = m.Bool("required")
	in.Secret, _ = m.Bool("secret")
	in.Identifies, _ = m.Bool("identifies")
	in.Enum = m.Texts("values")
	in.Min, in.Max = m.Value("min"), m.Value("max")
	in.Description = m.Text("description")
	if in.Default = m.lookupValue("default"); in.Default != nil && in.Default.Kind == runbook.Null {
		in.Default = nil // the same as no default
	}
	in.Pattern = d.pattern(m)
	d.inputKeys(m, in)
	return in
}

// inputKeys reports keys that contradict each other or the type.
func (d *Decoder) inputKeys(m *Mapping, in *runbook.Input) {
	only := func(key string, types ...string) {
		if m.Has(key) && in.Type.Value != "any" && !slices.Contains(types, in.Type.Value) {
			d.Report(Senseless, m.Key(key).Span, "it belongs to "+list(types, "and"), "`%s` makes no sense on `%s`", key, in.Type.Value)
		}
	}
	only("values", "enum")
	only("pattern", "string")
	only("items", "list", "map")
	only("min", "int", "float", "duration", "time", "string", "list")
	only("max", "int", "float", "duration", "time", "string", "list")
	if in.Type.Value == "enum" && len(in.Enum) == 0 {
		m.lacks(MissingKey, "add `values: [one, two]`", "an enum needs `values`")
	}
	if in.Required && in.Default != nil {
		d.Report(Senseless, m.Key("default").Span, "remove `required` or `default`", "a required input is always given, so its default is never used")
	}
	if in.Secret && in.Identifies {
		d.Report(Senseless, m.Key("identifies").Span, "remove `identifies` or `secret`", "what identifies the incident is shown, and a secret never is")
	}
	if in.Secret && slices.Contains([]string{"bool", "list", "map", "any"}, in.Type.Value) {
		d.Report(Senseless, m.Key("secret").Span, "declare it as a string, an int, a float, an enum, a duration or a time",
			"a secret of type `%s` cannot be kept out of what is shown: it has no text of its own to look for", in.Type.Value)
	}
	if in.Secret && in.Default != nil {
		d.Report(Senseless, m.Key("default").Span, "remove the default; a secret is given as a reference such as env:NAME", "a secret must not stand in a runbook")
		in.Default = nil
	}
}

func (d *Decoder) typeWord(t runbook.Text) runbook.Text {
	if slices.Contains(typeWords, t.Value) {
		return t
	}
	detail := didYouMean(t.Value, typeWords)
	if better := otherTypes[t.Value]; better != "" {
		detail = "write `" + better + "`"
		if t.Value == "secret" {
			detail = "write {type: string, secret: true}"
		}
	}
	r := d.Report(UnknownWord, t.Span, detail, "the type %q is not known", short(t.Value))
	better := cmp.Or(otherTypes[t.Value], suggest.Only(t.Value, typeWords))
	if better == "" || t.Value == "secret" {
		return runbook.Text{Value: "any", Span: t.Span} // nothing follows from it
	}
	r.Fix = &runbook.Edit{Span: t.Span, Text: better}
	return runbook.Text{Value: better, Span: t.Span}
}

var TooMany = codes.Error("IR0109", "too many values, or nested too deep",
	"A file holds at most 100,000 values, 100,000 lines, 20,000 keys in one mapping, and 64 levels of nesting; a runbook at most 12,000 steps. Split it into runbooks that call each other with `run`.")

func (d *Decoder) pattern(m *Mapping) runbook.Text {
	t := m.Text("pattern")
	if !t.Given() {
		return t
	}
	const remedy = "shorten it; a long list of values can be an enum"
	if len(t.Value) > maxPattern {
		d.Report(Malformed, t.Span, remedy, "the pattern has %d bytes, the most is %d", len(t.Value), maxPattern)
		return runbook.Text{}
	}
	parsed, err := syntax.Parse(t.Value, syntax.Perl)
	if err != nil {
		d.Report(Malformed, t.Span, "write a regular expression in RE2 syntax; put it in single quotes so that backslashes stay", "the pattern is not a regular expression: %s", short(regexpProblem(err)))
		return runbook.Text{}
	}
	size := patternSize(parsed)
	if size > maxPattern {
		d.Report(Malformed, t.Span, remedy, "the pattern is too large: with its repetitions written out it has more than %d parts", maxPattern)
		return runbook.Text{}
	}
	if d.patterns += size; d.patterns > maxPatterns {
		d.Report(TooMany, t.Span, "split it into runbooks that call each other with `run`", "the patterns of the file have more than %d parts together", maxPatterns)
		return runbook.Text{}
	}
	return t
}

// patternSize counts the parts of a pattern with its repetitions written out:
// about what a matcher has to hold.
func patternSize(re *syntax.Regexp) int {
	size := 1
	if re.Op == syntax.OpLiteral {
		size = len(re.Rune)
	}
	for _, sub := range re.Sub {
		size += patternSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Max, re.Min, 1)
	}
	return min(size, maxPattern+1)
}

func regexpProblem(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return e.Code.String() + " " + e.Expr
	}
	return err.Error()
}

// evidence reads name: description, or name: {description, required}. A file
// is required unless the file says otherwise.
func (p *parser) evidence(m *Mapping) []*runbook.Input {
	var out []*runbook.Input
	for _, pair := range m.Entries("evidence", VariableName) {
		in := &runbook.Input{Name: pair.Key, Type: runbook.Text{Value: "string"}, Required: true, Span: pair.Value.Span}
		if pair.Value.Kind == runbook.MapValue {
			inner := p.known(pair.Value, "`"+short(pair.Key.Value)+"`", evidenceTable)
			in.Description = inner.Text("description")
			if required, given := inner.Bool("required"); given {
				in.Required = required
			}
		} else {
			in.Description = p.text(pair.Value, "`"+short(pair.Key.Value)+"`")
		}
		out = append(out, in)
	}
	return out
}
