package convert

import (
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/cacao/stix"
	"github.com/irctl/irctl/internal/cacao/value"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// scope is the variables that a step of a playbook sees.
type scope = reference.Scope[holder]

// holder is a playbook's variable in the runbook.
type holder struct {
	path     string // "vars.x" or "inputs.x"
	variable *cacao.Variable
	unsure   bool // it may be null
}

// name is the variable's name in the runbook.
func (h holder) name() string { return h.path[strings.IndexByte(h.path, '.')+1:] }

// kind is the variable's type in the runbook.
func (h holder) kind() string { return nativeType(h.variable.Type.Value) }

// read is how an expression reads the variable where it needs a value.
func (h holder) read() string {
	if h.unsure {
		return "known(" + h.path + ")"
	}
	return h.path
}

// variables declares those of the playbook: what a caller gives becomes an
// input; everything else, and what steps write, is set by the first step.
func (m *translator) variables() (inputs *runbook.Value, first []*runbook.Value) {
	inputs = dict()
	failure := &scope{Known: map[string]holder{}}
	m.top = &scope{Known: map[string]holder{}, Outer: failure}
	set := dict()
	for _, v := range m.pb.Variables {
		name := m.variable(v.Name.Value)
		m.differs(v)
		h := holder{"vars." + name, v, m.unsure[v.Name.Value] || m.passed[v.Name.Value] || !v.External && none(v.Value)}
		given := v.External && m.caller == nil || m.passed[v.Name.Value]
		if given {
			put(inputs, name, placed(m.input(v), v.Name.Span))
		}
		switch {
		case given && m.written[v.Name.Value]:
			add(set, name, "${{ inputs."+name+" }}")
		case given:
			h.path = "inputs." + name
			if untouched := m.untouched(v); untouched != nil {
				add(inputs, name, untouched)
			}
		default:
			add(set, name, native(v))
		}
		m.top.Known[v.Name.Value] = h
	}
	for _, name := range cacao.FailureNames {
		if m.failure {
			v := &cacao.Variable{Name: runbook.Text{Value: name}, Type: runbook.Text{Value: "string"}}
			failure.Known[name] = holder{"vars." + m.variable(name), v, true}
			add(set, failure.Known[name].name(), nil)
		}
	}
	if len(set.Pairs) > 0 {
		first = append(first, m.assign(m.fresh("variables"), "Set the variables", set, m.pb.Start.Span))
	}
	return inputs, first
}

// differs notes what becomes of a value that a runbook holds otherwise than the
// playbook says it.
func (m *translator) differs(v *cacao.Variable) {
	if m.importing == nil || v.Value == nil {
		return
	}
	if v.External && v.Value.Kind == runbook.Null {
		m.remark("", v.Name.Value+" may be unknown (null) in the playbook; here it has to be given")
	}
	if v.Value.Kind != runbook.StringValue || v.Value.Text == "" {
		return
	}
	data, err := value.Native(v.Type.Value, v.Value.Text)
	if _, text := data.(string); err == nil && !text && v.Type.Value != "dictionary" {
		if now := valueOf(data).Text; now != v.Value.Text {
			m.remark("", v.Name.Value+" is the text "+v.Value.Text+" in the playbook; here it is "+now+", of type "+nativeType(v.Type.Value))
		}
	}
}

func none(v *runbook.Value) bool { return v == nil || v.Kind == runbook.Null }

// untouched is the declaration of an input in the runbook that the playbook
// carries, if the playbook says the same of it.
func (m *translator) untouched(v *cacao.Variable) *runbook.Value {
	if m.origin == nil {
		return nil
	}
	return m.origin.inputs[v.Name.Value]
}

func (m *translator) assign(id, title string, set *runbook.Value, at runbook.Span) *runbook.Value {
	d := newStep(at, id, title)
	put(d, "set", set)
	return d
}

// declared is how a person, or a caller, is asked for a variable.
func declared(v *cacao.Variable) *runbook.Value {
	kind := nativeType(v.Type.Value)
	o := dict("type", kind)
	if kind == "string" {
		put(o, "pattern", value.Pattern(v.Type.Value))
	}
	put(o, "description", action.CleanLine(v.Description.Value, 300))
	return o
}

// input declares what a caller gives. What a playbook hands to another may be
// null, and has been given its type by then.
func (m *translator) input(v *cacao.Variable) *runbook.Value {
	o := declared(v)
	switch {
	case m.caller != nil:
		o = dict("type", nativeType(v.Type.Value))
	case none(v.Value):
		put(o, "required", true)
	default:
		if v.Value.Text == "" { // known to be empty, which fits every type
			o = dict("type", "string")
		}
		data, _ := value.Native(v.Type.Value, v.Value.Data())
		add(o, "default", data)
	}
	return o
}

// nativeType is the runbook's type for a type of the standard; what it does
// not have is text.
func nativeType(kind string) string {
	switch kind {
	case "bool", "float":
		return kind
	case "integer", "long":
		return "int"
	case "dictionary":
		return "map"
	}
	return "string"
}

// native is the first value of a variable, for a set step, whose texts may hold
// expressions. The standard writes numbers as text.
func native(v *cacao.Variable) any {
	if none(v.Value) {
		return nil
	}
	if v.Value.Kind != runbook.StringValue {
		return escaped(v.Value)
	}
	data, err := value.Native(v.Type.Value, v.Value.Text)
	if text, ok := data.(string); err == nil && !ok {
		return data
	} else if text != "" {
		return escaped(v.Value)
	}
	return &runbook.Value{Kind: runbook.StringValue, Span: v.Value.Span}
}

// escaped is a value whose texts hold no expressions.
func escaped(v *runbook.Value) *runbook.Value {
	if v.Kind == runbook.StringValue {
		return filled(v, escape(v.Text))
	}
	out := *v
	out.Items = each.Of(v.Items, escaped)
	out.Pairs = each.Of(v.Pairs, func(p runbook.Pair) runbook.Pair { return runbook.Pair{Key: p.Key, Value: escaped(p.Value)} })
	return &out
}

// filled is a text with another content at the same place.
func filled(v *runbook.Value, text string) *runbook.Value {
	out := *v
	if text != v.Text {
		out.Text, out.Plain = text, false
	}
	return &out
}

// inner is the scope of a step with variables of its own, and what gives them
// their first values.
func (m *translator) inner(d *runbook.Value, s *cacao.Step, in *scope) (*scope, *runbook.Value) {
	own := &scope{Known: map[string]holder{}, Outer: in}
	set := dict()
	for _, v := range s.Variables {
		name := m.variable(v.Name.Value)
		if _, hides := in.Lookup(v.Name.Value); hides {
			m.beside(d, m.remark(idOf(d), "its own variable "+v.Name.Value+" hides the one around it; here it is vars."+name))
		}
		own.Known[v.Name.Value] = holder{"vars." + name, v, none(v.Value) || m.unsure[v.Name.Value]}
		add(set, name, native(v))
	}
	return own, set
}

// variable is a fresh name for a variable.
func (m *translator) variable(name string) string {
	base := strings.ReplaceAll(strings.ToLower(strings.Trim(name, "_")), "-", "_")
	base = strings.TrimRight(base[:min(len(base), 48)], "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' || expr.Reserved(base) {
		base = "x_" + base
	}
	return unique(base, "_", m.names)
}

func unique(base, joint string, taken map[string]bool) string {
	name := base
	for i := 2; taken[name]; i++ {
		name = base + joint + strconv.Itoa(i)
	}
	taken[name] = true
	return name
}

// text turns a text of the playbook into one of the runbook: references
// become expressions, and nothing else does.
func (m *translator) text(s string, in *scope) string {
	var b strings.Builder
	last := 0
	for _, p := range reference.Find(s, in.Has) {
		h, ok := in.Lookup(p.Name)
		if !ok {
			continue
		}
		before := escape(s[last:p.Start])
		plain := strings.TrimRight(before, "$")
		b.WriteString(plain)
		if dollars := before[len(plain):]; dollars != "" { // $ before an expression would escape it
			b.WriteString("${{ '" + dollars + "' + string(" + h.read() + ") }}")
		} else {
			b.WriteString("${{ " + h.read() + " }}")
		}
		last = p.End
	}
	return b.String() + escape(s[last:])
}

// escape keeps a text from being taken for an expression.
func escape(s string) string { return strings.ReplaceAll(s, "${{", "$${{") }

// condition turns a condition of the standard into an expression. That it can
// be was found when the playbook was read.
func (m *translator) condition(s *cacao.Step, in *scope) *runbook.Value {
	out, _ := stix.Translate(s.Condition.Text, func(name stix.Operand) (stix.Known, *stix.Problem) {
		h, ok := in.Lookup(name.Text)
		if !ok {
			return stix.Known{}, &stix.Problem{Message: "the variable is not declared"}
		}
		return stix.Known{Expr: h.read(), Given: h.path, Type: h.variable.Type.Value}, nil
	})
	return filled(s.Condition, "${{ "+out+" }}")
}
