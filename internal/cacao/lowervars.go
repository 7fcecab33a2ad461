package cacao

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// variable is the name in the plan of a variable that a scope declares.
func (f *frame) variable(in *scope, name string) string {
	key := varKey{in, name}
	if known, ok := f.variables[key]; ok {
		return known
	}
	base := plainName(name)
	unique := base
	for n := 2; f.taken[unique]; n++ {
		unique = base + "_" + strconv.Itoa(n)
	}
	f.taken[unique] = true
	f.variables[key] = unique
	return unique
}

// read is how an expression reads a variable.
func (f *frame) read(_ *Variable, in *scope, name string) string {
	return "vars." + f.variable(in, name)
}

// initial gives the variables of a scope their first values. Those of the
// playbook that come from outside are inputs.
func (f *frame) initial(in *scope, declared []*Variable) []plan.Assignment {
	var out []plan.Assignment
	for _, v := range declared {
		value := plan.Of(nil)
		if v.Value != nil {
			value = plan.Of(escaped(v.Value.Data()))
		}
		if v.External && in == f.top || f.passed[v.Name.Value] && in == f.top {
			value = plan.Of("${{ " + fit(v, "inputs."+f.variable(in, v.Name.Value)) + " }}")
		}
		out = append(out, plan.Assignment{Name: f.variable(in, v.Name.Value), Value: value})
	}
	return out
}

// fit is an expression that takes a value as the variable holds it.
func fit(v *Variable, expr string) string {
	return fmt.Sprintf("cacao.fit(%s, %s, %s)", strconv.Quote(v.Type.Value), strconv.Quote(v.Name.Value), expr)
}

// escaped is literal for every text inside data.
func escaped(v any) any {
	switch v := v.(type) {
	case string:
		return literal(v)
	case []any:
		for i := range v {
			v[i] = escaped(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = escaped(v[k])
		}
	}
	return v
}

// inputs are the plan's inputs: the playbook's external variables.
func (f *frame) inputs() []plan.Field {
	var out []plan.Field
	for _, v := range f.pb.Variables {
		if !v.External {
			continue
		}
		field := fieldOf(v, f.variable(f.top, v.Name.Value))
		field.Required = v.Value == nil || v.Value.Kind == runbook.Null
		if !field.Required {
			value := plan.Of(v.Value.Data())
			field.Default = &value
		}
		out = append(out, field)
	}
	return out
}

const octet = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

// patterns are the types of variables that people type as a text of a certain
// look. Numbers that have a fraction are texts, so that none is rounded.
var patterns = map[string]string{
	"ipv4-addr":   `^(` + octet + `\.){3}` + octet + `(/([0-9]|[12][0-9]|3[0-2]))?$`,
	"ipv6-addr":   `^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?$`,
	"mac-addr":    `^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$`,
	"hexstring":   `^([0-9a-fA-F]{2})*$`,
	"hash":        `^[0-9a-fA-F]+$`,
	"md5-hash":    `^[0-9a-fA-F]{32}$`,
	"sha256-hash": `^[0-9a-fA-F]{64}$`,
	"uuid":        `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`,
	"uri":         `^[A-Za-z][A-Za-z0-9+.-]*:.+$`,
	"float":       `^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`,
}

// fieldOf is how a person is asked for a variable.
func fieldOf(v *Variable, name string) plan.Field {
	f := plan.Field{Name: name, Type: string(action.String), Description: action.CleanLine(v.Description.Value, 300), Pattern: patterns[v.Type.Value]}
	switch v.Type.Value {
	case "integer", "long":
		f.Type = string(action.Int)
	case "bool":
		f.Type = string(action.Bool)
	}
	return f
}

// template turns a text for people into one in which the variables are filled
// in.
func (f *frame) template(text string, in *scope) string {
	var b strings.Builder
	last := 0
	for _, p := range reference.Find(text, in.has) {
		v, where := in.lookup(p.Name)
		if v == nil {
			continue
		}
		before := literal(text[last:p.Start])
		// A dollar before an expression would escape it.
		plain := strings.TrimRight(before, "$")
		b.WriteString(plain)
		if dollars := before[len(plain):]; dollars != "" {
			fmt.Fprintf(&b, "${{ '%s' }}", dollars)
		}
		fmt.Fprintf(&b, "${{ cacao.shown(%s, %s, %s) }}", strconv.Quote(v.Type.Value), strconv.Quote(p.Name), f.read(v, where, p.Name))
		last = p.End
	}
	b.WriteString(literal(text[last:]))
	return b.String()
}
