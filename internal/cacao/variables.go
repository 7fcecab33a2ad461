package cacao

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/cacao/value"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

var variableName = pattern.Late(`^__[a-zA-Z][a-zA-Z0-9_-]*__$`)

var BadValue = codes.Error("IR0722", "value that does not fit its type",
	"The value of a variable is a text that fits the variable's type, null if it is unknown, or an object for a dictionary. `external` variables are those of the playbook, never of a step; a constant needs a value.")

// variables checks every declaration.
func (c *checker) variables() {
	for _, v := range c.pb.Variables {
		c.variable(v)
	}
	for _, s := range c.pb.Steps {
		for _, v := range s.Variables {
			c.variable(v)
			if v.External {
				c.report(BadValue, v.Name.Span, "declare it in playbook_variables", "a variable of a step cannot be external: nobody outside gives it a value")
			}
		}
	}
}

var (
	BadVariableName = codes.Error("IR0720", "malformed variable name",
		"A variable's name begins and ends with two underscores, begins with a letter after them, and holds letters, digits, hyphens and underscores, at most 250 characters in all: `__ip_address__`.")
	OnlyDefault = codes.Warning("IR0746", "constant that the caller gives",
		"With `external: true` the caller gives the value. The one in the playbook is only taken if the caller gives none.")
)

func (c *checker) variable(v *Variable) {
	if !variableName().MatchString(v.Name.Value) || len(v.Name.Value) > reference.MaxName {
		c.report(BadVariableName, v.Name.Span, "write it as in __ip_address__: two underscores, a letter, letters and digits, two underscores", "%q is not the name of a variable", short(v.Name.Value))
	}
	if v.Value != nil {
		if _, err := value.Fit(v.Type.Value, v.Value.Data()); err != nil {
			c.report(BadValue, v.Value.Span, "", "the value of %s does not fit: %v", short(v.Name.Value), err)
		}
	}
	switch {
	case v.Constant && v.External && v.Value != nil:
		c.report(OnlyDefault, v.Value.Span, "", "the caller gives this constant, so the value here is only its default")
	case v.Constant && !v.External && (v.Value == nil || v.Value.Kind == runbook.Null):
		c.report(BadValue, v.Name.Span, "give it a value", "the constant %s has no value and never can have one", short(v.Name.Value))
	}
}

var (
	UndefinedVar = codes.Error("IR0721", "undefined variable",
		"A variable that a step reads or writes is declared in the step itself (`step_variables`), in a step whose branch it stands in, or in `playbook_variables`. It is read as `__name__:value`.")
	WritesConstant = codes.Error("IR0723", "assignment to a constant",
		"A variable with `constant: true` never changes, so no `out_args` can name it.")
	BadCondition = codes.Error("IR0724", "malformed condition",
		"A condition is a comparison in the grammar of STIX patterns: `__result__:value = 'malicious'`, `__count__:value <= 10`, `__name__:value LIKE 'web%'`, joined by AND, OR, NOT and parentheses. A variable of type bool can stand alone. Texts stand in single quotes, and equality is a single `=`.")
	Hides = codes.Warning("IR0742", "variable that hides another",
		"A variable of a step has the name of one that is visible there already. Inside the step, and in its branches, only the inner one is read and written; the outer one keeps its value. The standard discourages it.")
)

// scopes checks what every step reads and writes, where it stands.
func (c *checker) scopes() {
	told := map[runbook.Span]bool{} // of a step that is seen in several branches
	c.pb.walk(func(v visit) {
		s := v.step
		for _, own := range s.Variables {
			if v.in.scope.Has(own.Name.Value) && !told[own.Name.Span] {
				told[own.Name.Span] = true
				c.report(Hides, own.Name.Span, "take another name; only this one is updated here", "%s hides a variable of the same name", short(own.Name.Value))
			}
		}
		for _, cmd := range s.Commands {
			for _, text := range cmd.Texts() {
				c.reads(text, v.scope, told)
			}
		}
		for _, name := range s.In {
			if !v.scope.Has(name.Value) && !told[name.Span] {
				told[name.Span] = true
				c.report(UndefinedVar, name.Span, meantVariable(name.Value, v.scope), "the variable %s is not declared", short(name.Value))
			}
		}
		for _, name := range s.Out {
			known, _ := v.scope.Lookup(name.Value)
			switch {
			case told[name.Span]:
			case known == nil:
				c.report(UndefinedVar, name.Span, meantVariable(name.Value, v.scope), "the variable %s is not declared", short(name.Value))
			case known.Constant:
				c.report(WritesConstant, name.Span, "remove \"constant\" from it, or take another variable", "%s is a constant", short(name.Value))
			default:
				continue
			}
			told[name.Span] = true
		}
		if s.Switch != nil {
			c.reads(s.Switch, v.scope, told)
			if !reference.Whole(s.Switch.Text, v.scope.Has) && !told[s.Switch.Span] {
				told[s.Switch.Span] = true
				c.report(BadCondition, s.Switch.Span, "write it as in __verdict__:value", "a switch is on one variable")
			}
		}
		c.condition(s, v.scope, told)
	})
}

var NotValue = codes.Warning("IR0741", "variable without `:value`",
	"A variable is read as `__name__:value`. Without `:value` the name stays in the text as it is.")

// reads reports the variables that a text reads and nobody declared, and those
// that it names without reading them.
func (c *checker) reads(text *runbook.Value, in *scope, told map[runbook.Span]bool) {
	for _, p := range reference.Find(text.Text, in.Has) {
		at := text.Place(p.Start, p.End-len(reference.Keyword))
		if !in.Has(p.Name) && !told[at] {
			told[at] = true
			c.report(UndefinedVar, at, meantVariable(p.Name, in), "the variable %s is not declared", short(p.Name))
		}
	}
	for _, p := range reference.Unread(text.Text, in.Has) {
		at := text.Place(p.Start, p.End)
		if !told[at] {
			told[at] = true
			c.report(NotValue, at, "write "+p.Name+":value if its value is meant", "the variable %s is not read here", short(p.Name))
		}
	}
}

func meantVariable(name string, in *scope) string {
	var names []string
	for ; in != nil; in = in.Outer {
		names = append(names, slices.Sorted(maps.Keys(in.Known))...)
	}
	return cmp.Or(suggest.DidYouMean(name, names), "declare it in step_variables or playbook_variables")
}

// Texts are the texts of a command in which variables are read; those in
// base64 are decoded.
func (cmd *Command) Texts() []*runbook.Value {
	var out []*runbook.Value
	for _, v := range []*runbook.Value{cmd.Command, cmd.Content} {
		if v != nil {
			out = append(out, v)
		}
	}
	for _, v := range []*runbook.Value{cmd.CommandB64, cmd.ContentB64} {
		if raw, ok := Decoded(v); ok {
			out = append(out, &runbook.Value{Kind: runbook.StringValue, Text: raw, Span: v.Span})
		}
	}
	for _, h := range cmd.Headers {
		for _, v := range h.Value.Items {
			if v.Kind == runbook.StringValue {
				out = append(out, v)
			}
		}
	}
	return out
}

// Decoded returns what a property in base64 holds, if that is text.
func Decoded(v *runbook.Value) (string, bool) {
	if v == nil {
		return "", false
	}
	raw, err := base64.StdEncoding.DecodeString(v.Text)
	return string(raw), err == nil
}
