package check

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var BadExpression = codes.Error("IR0213", "an expression cannot be read",
	"It is not valid CEL. See `irctl help expressions`.")

var ExpressionTooLarge = codes.Error("IR0216", "an expression is too large",
	"Expressions are bounded, so that a runbook cannot hang: 8 KiB each, 64 KiB and 1,000 expressions in one text. Compute parts of it in a set step before, or make several texts of one.")

// byRule are the findings for the rules that expressions break: those of their
// own, and those about names (scope.go), which are called by their codes.
var byRule = map[string]*finding.Code{
	expr.RuleSyntax: BadExpression, expr.RuleName: UnknownName, expr.RuleType: WrongType, expr.RuleLimit: ExpressionTooLarge, expr.RuleWork: TooMuchWork,
	UnknownName.ID: UnknownName, UnknownVariable.ID: UnknownVariable, CannotHaveRun.ID: CannotHaveRun, OutputNeverDeclared.ID: OutputNeverDeclared,
}

var TooMuchWork = codes.Error("IR0234", "the expressions of a file take too much work",
	"There is room for some 600 different expressions in one file. Names alone, and comparisons of names with plain values, are not counted; what several steps have in common is counted once. Split the runbook into several that call each other with run.")

// problems reports what is wrong with expressions in a text; their places
// count from the byte shift of the text.
func (c *checker) problems(v *runbook.Value, shift int, problems []expr.Problem) {
	if len(problems) > 0 && !c.full() { // what is mentioned behind the mistake is not known
		between := func(r rune) bool { return r != '_' && (r < '0' || r > '9' && r < 'a' || r > 'z') }
		for word := range strings.FieldsFuncSeq(v.Text, between) {
			if c.inputs[word] != nil {
				c.used[word] = true
			}
		}
	}
	for _, p := range problems {
		code := byRule[p.Rule]
		if c.full() {
			c.more = true
			return // no place is looked for in vain
		}
		if code == TooMuchWork {
			if c.overworked {
				continue
			}
			c.overworked = true
		}
		d := c.report(code, v.Place(p.Start+shift, p.End+shift), p.Message, p.Hint)
		if from, to := d.Span.Start.Offset, d.Span.End.Offset; p.Meant != "" && to <= len(c.rb.Source) && string(c.rb.Source[from:to]) == v.Text[p.Start+shift:p.End+shift] {
			d.Fix = &runbook.Edit{Span: d.Span, Text: p.Meant}
		}
	}
}

var WrongType = codes.Error("IR0215", "values in an expression do not go together",
	"The evaluation would fail at run time. Compare or combine values of the same type.")

// condition checks a value that must be true or false: an expression with or
// without ${{ }}, or a plain true or false.
func (c *checker) condition(v *runbook.Value, s scope) {
	if v == nil || v.Kind == runbook.BoolValue {
		return
	}
	if v.Kind != runbook.StringValue {
		c.report(WrongType, v.Span, "a condition must be an expression", "write for example `${{ inputs.name == 'x' }}`")
		return
	}
	text, shift, problem := expr.Bare(v.Text)
	if problem != nil {
		c.problems(v, 0, []expr.Problem{*problem})
		return
	}
	_, problems := c.exprs.Compile(text, s, expr.Bool)
	c.problems(v, shift, problems)
}

// text checks a value that is shown to people.
func (c *checker) text(v *runbook.Value, s scope) {
	if v != nil && v.Kind == runbook.StringValue {
		_, refs := c.template(v, s, expr.Type{})
		c.noSecrets(v, refs, "people would read [redacted] here: a secret is never shown")
	}
}

// template checks a text that may hold expressions.
func (c *checker) template(v *runbook.Value, s scope, want expr.Type) (expr.Type, []expr.Reference) {
	if !strings.Contains(v.Text, "${{") {
		return expr.String, nil
	}
	t, refs, problems := c.exprs.Template(v.Text, s, want)
	c.problems(v, 0, problems)
	if len(problems) > 0 {
		return expr.Any, refs
	}
	return t, refs
}

// kept checks a value that is kept in the journal: variables, outputs, what a
// loop goes through. It returns the type.
func (c *checker) kept(v *runbook.Value, s scope) expr.Type {
	return c.anything(v, s, "a secret cannot be kept in variables or outputs: they are written to the journal")
}

// anything checks a value of any shape and returns its type. A reference to a
// secret is reported with the given words, "" if secrets may stand in it.
func (c *checker) anything(v *runbook.Value, s scope, secrets string) expr.Type {
	switch v.Kind {
	case runbook.BoolValue:
		return expr.Bool
	case runbook.IntValue:
		if _, beyond := v.Data().(json.Number); beyond {
			return expr.Any
		}
		return expr.Int
	case runbook.FloatValue:
		return expr.Float
	case runbook.StringValue:
		t, refs := c.template(v, s, expr.Type{})
		if secrets != "" {
			c.noSecrets(v, refs, secrets)
		}
		return t
	case runbook.ListValue:
		t := expr.Type{Of: action.List}
		for i, item := range v.Items {
			of := c.anything(item, s, secrets).Of
			if i == 0 {
				t.Items = of
			} else if t.Items != of {
				t.Items = ""
			}
		}
		return t
	case runbook.MapValue:
		for _, p := range v.Pairs {
			c.anything(p.Value, s, secrets)
		}
		return expr.Type{Of: action.Map}
	}
	return expr.Any
}

// noSecrets reports references to secret inputs.
func (c *checker) noSecrets(v *runbook.Value, refs []expr.Reference, why string) {
	for _, r := range refs {
		if r.Path[0] != "inputs" || c.full() {
			continue
		}
		if in := c.inputs[r.Path[1]]; in != nil && in.Secret {
			c.report(SecretShown, v.Place(r.Start, r.End), why, "hand the secret only to an input that takes secrets")
		}
	}
}

var WrongInput = codes.Error("IR0205", "an input has the wrong value",
	"The action would refuse it at run time. Give a value of the declared type.")

// given checks a value against the field that it is for.
func (c *checker) given(v *runbook.Value, f action.Field, s scope) {
	switch {
	case v.Kind == runbook.ListValue && f.Type == action.List:
		item := itemOf(f)
		for _, e := range v.Items {
			c.given(e, item, s)
		}
	case v.Kind == runbook.MapValue && f.Type == action.Map:
		c.givenMap(v, f, s)
	case f.Type == action.Any || f.Type == "":
		secrets := ""
		if !f.Secret {
			secrets = "`" + f.Name + "` takes no secret: it would be shown or kept"
		}
		c.anything(v, s, secrets)
	case v.HasExpr():
		_, refs := c.template(v, s, expr.Type{Of: f.Type, Items: f.Items})
		if !f.Secret {
			c.noSecrets(v, refs, "`"+f.Name+"` takes no secret: it would be shown or kept")
		}
	default:
		if f.Secret {
			c.written(f.Name, v)
		}
		data := v.Data()
		if v.Kind == runbook.StringValue {
			data = strings.ReplaceAll(v.Text, "$${{", "${{")
		}
		if _, p := coerce.One(f, data); p != nil {
			c.report(WrongInput, v.Span, "`"+f.Name+"` "+p.Message, p.Hint)
		}
	}
}

func (c *checker) givenMap(v *runbook.Value, f action.Field, s scope) {
	if len(f.Fields) > 0 {
		c.fields(v.Pairs, f.Fields, s, v.Span, "`"+f.Name+"`")
		return
	}
	item := itemOf(f)
	for _, p := range v.Pairs {
		if f.Secret {
			c.written(p.Key.Value, p.Value)
		}
		c.given(p.Value, item, s)
	}
}

// secretName is a name that says of its value that it is a secret; its end says so.
var secretName = pattern.Late(`(?i)(^|[^a-z])(password|passwd|passphrase|secret|token|credential|credentials|authorization|api[-_]?key)$`)

// secretEnd is how much of a name's end is looked at, more than secretName may match.
const secretEnd = 20

var SecretWritten = codes.Error("IR0224", "a secret stands in the runbook",
	"Runbooks are copied, reviewed and kept in version control. Declare an input with secret: true and refer to it.")

// written reports a secret that stands in the runbook itself. An input that
// may be a secret mostly is none (a file's content, an environment variable),
// so only the name can tell.
func (c *checker) written(name string, v *runbook.Value) {
	if v.Kind == runbook.StringValue && v.Text != "" && !v.HasExpr() && secretName().MatchString(name[max(0, len(name)-secretEnd):]) {
		c.report(SecretWritten, v.Span, "a secret stands in the runbook", "declare an input with `secret: true` and write `${{ inputs.NAME }}`")
	}
}

var MissingInput = codes.Error("IR0203", "a required input is not given",
	"The action or runbook cannot work without it. Add it under with.")

var UnknownInput = codes.Error("IR0204", "an input is not known",
	"It would be ignored, so it is most likely a misspelling. See `irctl action show NAME` for the inputs of an action.")

// fields checks values that are given by name.
func (c *checker) fields(pairs []runbook.Pair, fields []action.Field, s scope, at runbook.Span, what string) {
	have := make([]bool, len(fields))
	for _, p := range pairs {
		if c.full() {
			c.more = true
			return
		}
		i := len(fields) - 1
		for i >= 0 && fields[i].Name != p.Key.Value {
			i--
		}
		if i < 0 {
			hint := "it takes nothing"
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.Name
			}
			if len(fields) > 0 {
				hint = meant(p.Key.Value, names, "known are "+list(names))
			}
			fix := language.Misspelt(p.Key, names, pairs)
			c.report(UnknownInput, p.Key.Span, what+" takes no `"+p.Key.Value+"`", hint).Fix = fix
			if fix == nil {
				continue
			}
			i = slices.Index(names, fix.Text)
		}
		if p.Value == nil || p.Value.Kind == runbook.Null {
			continue // as good as not given
		}
		have[i] = true
		c.given(p.Value, fields[i], s)
	}
	for i := range fields {
		if f := &fields[i]; f.Required && f.Default == nil && !have[i] {
			c.report(MissingInput, at, what+" needs `"+f.Name+"`", f.Description)
		}
	}
}

// itemOf describes the elements of a list or the values of a map.
func itemOf(f action.Field) action.Field {
	item := action.Field{Name: f.Name, Type: f.Items, Enum: f.Enum, Pattern: f.Pattern, Example: f.Example, Secret: f.Secret}
	switch f.Items {
	case "":
		item.Type = action.Any
	case action.Map:
		item.Fields = f.Fields
	}
	return item.Compiled()
}
