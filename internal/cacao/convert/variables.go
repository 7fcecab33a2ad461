package convert

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// variables are the playbook's: inputs, values of the environment, what set
// steps assign and what steps return, each under a name of the standard's form.
type variables struct {
	order []*variable
	of    map[string]*variable // native name, "inputs.incident"
	taken map[string]bool
}

// variable is one of them.
type variable struct {
	name        string // with underscores
	kind        string // the standard's type
	description string
	value       *string // nil: not known yet
	external    bool
	optional    bool // nobody needs to give it: without a value it is null
	rank        int  // inputs come first, in the runbook's order; the others follow by name
}

// notLetters is what a name of the standard cannot hold.
var notLetters = pattern.Late(`[^a-zA-Z0-9]+`)

// declare makes a variable for a native name, once.
func (vs *variables) declare(native, short, kind string) *variable {
	if v, ok := vs.of[native]; ok {
		return v
	}
	short = strings.Trim(notLetters().ReplaceAllString(short, "_"), "_")
	if len(short) > 180 {
		short = short[:180]
	}
	if short == "" || short[0] >= '0' && short[0] <= '9' {
		short = "v_" + short
	}
	name := "__" + short + "__"
	for i := 2; vs.taken[name]; i++ {
		name = "__" + short + "_" + strconv.Itoa(i) + "__"
	}
	v := &variable{name: name, kind: kind, rank: 1 << 20}
	vs.of[native], vs.taken[name] = v, true
	vs.order = append(vs.order, v)
	return v
}

// tree is the playbook's dictionary of variables.
func (vs *variables) tree() *runbook.Value {
	all := dict()
	order := slices.Clone(vs.order)
	slices.SortStableFunc(order, func(a, b *variable) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name))
	})
	for _, v := range order {
		o := dict()
		put(o, "type", v.kind)
		put(o, "description", v.description)
		switch {
		case v.value != nil:
			add(o, "value", *v.value)
		case v.optional:
			add(o, "value", nil)
		}
		if v.external {
			put(o, "external", true)
		}
		put(all, v.name, o)
	}
	return all
}

// typeOf is the standard's type for a type of irctl. It has none for lists;
// they are text that holds JSON.
func typeOf(native string) string {
	switch native {
	case "int":
		return "integer"
	case "float", "bool":
		return native
	}
	return "string"
}

// inputs declares the runbook's inputs. All are external: whoever calls the
// playbook may give them; one with a default has that as its value. A secret
// never has a value.
func (x *exporter) inputs(inputs []*runbook.Input) {
	for i, in := range inputs {
		v := x.vars.declare("inputs."+in.Name.Value, in.Name.Value, typeOf(in.Type.Value))
		v.external, v.rank = true, i
		v.description = in.Description.Value
		if words := answerWords(in); words != "" {
			v.description = sentence(v.description, words)
		}
		v.optional = !in.Required
		if in.Secret {
			v.description = sentence(v.description, "A secret: never write its value into a playbook")
			continue
		}
		if in.Default != nil {
			text := plainText(in.Default)
			v.value = &text
		}
	}
}

// typeWords says in words what the standard has no type for.
func typeWords(in *runbook.Input) string {
	switch {
	case len(in.Enum) > 0:
		words := each.Of(in.Enum, func(e runbook.Text) string { return e.Value })
		return "One of: " + strings.Join(words, ", ")
	case in.Type.Value == "list" || in.Type.Value == "map":
		return "A " + in.Type.Value + ", as JSON"
	}
	return "A " + in.Type.Value
}

// answerWords is typeWords for a person's answer; a plain text needs none.
func answerWords(in *runbook.Input) string {
	if in.Type.Value == "string" || typeOf(in.Type.Value) != "string" {
		return ""
	}
	return typeWords(in)
}

// name is a single name in an expression.
var name = pattern.Late(`^[a-z][a-z0-9_]*$`)

// reference returns the variable for an expression that is a single name,
// declaring it if need be.
func (x *exporter) reference(text string) (*variable, bool) {
	text = strings.TrimSpace(text)
	if v, ok := x.vars.of[text]; ok {
		return v, true
	}
	if v, ok := x.loops[text]; ok {
		return v, true
	}
	path := strings.Split(text, ".")
	switch {
	case len(path) == 2 && path[0] == "env" && name().MatchString(path[1]):
		v := x.vars.declare(text, "env_"+path[1], "string")
		v.external = true
		v.description = "From the environment's values: " + path[1]
		return v, true
	case len(path) == 2 && path[0] == "vars" && name().MatchString(path[1]):
		return x.vars.declare(text, path[1], "string"), true
	case len(path) == 4 && path[0] == "steps" && path[2] == "outputs" && name().MatchString(path[3]):
		if _, ok := x.steps[path[1]]; ok {
			return x.output(path[1], path[3]), true
		}
	}
	return nil, false
}

// output is the variable for what a step returns.
func (x *exporter) output(step, output string) *variable {
	v := x.vars.declare("steps."+step+".outputs."+output, step+"_"+output, "string")
	v.description = cmp.Or(v.description, "What the step "+step+" returned as "+output)
	return v
}

// referenceLike is what an orchestrator takes for a reference to a variable.
var referenceLike = pattern.Late(`_(_[A-Za-z][A-Za-z0-9_-]*?__:value)`)

// literal keeps text of the runbook from being taken for a reference: the
// standard has no way to write one that is none.
func literal(text string) string {
	for referenceLike().MatchString(text) { // one broken may leave another inside it
		text = referenceLike().ReplaceAllString(text, "_ $1")
	}
	return text
}

// mention is the name of a variable, wherever it stands.
var mention = pattern.Late(`__[A-Za-z][A-Za-z0-9_-]*?__`)

// settle keeps the names of variables in a finished text from being taken for
// references that lack something.
func (vs *variables) settle(text string) string {
	for from := 0; ; {
		at := mention().FindStringIndex(text[from:])
		if at == nil {
			return text
		}
		start, end := from+at[0], from+at[1]
		if from = end; vs.taken[text[start:end]] && !strings.HasPrefix(text[end:], ":value") {
			text = text[:start] + "_ " + text[start+1:]
			from = start + 2
		}
	}
}

// text turns a text with ${{ }} into one with references to variables. What
// is more than a name stays as it is, for a person to read.
func (x *exporter) text(s string) string {
	parts, problem := expr.ParseTemplate(s)
	if problem != nil {
		return literal(s)
	}
	var b strings.Builder
	for _, p := range parts {
		switch v, ok := x.reference(p.Expr); {
		case !p.IsExpr:
			b.WriteString(literal(p.Text))
		case ok:
			b.WriteString(v.name + ":value")
		default:
			b.WriteString("${{" + literal(p.Expr) + "}}")
		}
	}
	return b.String()
}

// value is a value of the runbook as text for a person.
func (x *exporter) value(v *runbook.Value) string {
	if v == nil {
		return ""
	}
	if v.Kind == runbook.StringValue {
		return x.text(v.Text)
	}
	return x.text(plainText(v))
}

// plainText is a value as text: scalars as the file has them, lists and
// mappings as JSON.
func plainText(v *runbook.Value) string {
	switch v.Kind {
	case runbook.ListValue, runbook.MapValue:
		return compact(v)
	}
	return v.Text
}

// expression is the text of a condition without its braces.
func expression(v *runbook.Value) string {
	if v.Kind == runbook.BoolValue {
		return v.Text
	}
	parts, problem := expr.ParseTemplate(v.Text)
	if whole, ok := expr.Whole(parts); problem == nil && ok {
		return strings.TrimSpace(whole.Expr)
	}
	return strings.TrimSpace(v.Text)
}

// sentence joins parts of a description.
func sentence(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if last := p[len(p)-1]; last != '.' && last != '!' && last != '?' && last != ':' {
			p += "."
		}
		out = append(out, p)
	}
	return strings.Join(out, " ")
}

// outputOf is an output of a step in an expression.
var outputOf = pattern.Late(`\bsteps\.[a-z][a-z0-9-]*\.outputs\.[a-z][a-z0-9_]*`)
