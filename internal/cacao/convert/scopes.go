package convert

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/pkg/runbook"
)

// scope is where a playbook's variables are looked up: those of a step, then
// those of the steps around it, then the playbook's.
type scope struct {
	known map[string]holder
	outer *scope
}

// holder is a playbook's variable in the runbook.
type holder struct {
	path    string // "vars.x" or "inputs.x"
	kind    string // the runbook's type
	foreign string // the playbook's
}

// name is the variable's name in the runbook.
func (h holder) name() string { return h.path[strings.IndexByte(h.path, '.')+1:] }

func (s *scope) lookup(name string) (holder, bool) {
	for at := s; at != nil; at = at.outer {
		if h, ok := at.known[name]; ok {
			return h, true
		}
	}
	return holder{}, false
}

// variables declares those of the playbook: what a caller gives becomes an
// input; everything else, and what steps write, is set by the first step.
func (m *importer) variables() (inputs object, first []*draft) {
	m.top = &scope{known: map[string]holder{}}
	var set object
	for _, v := range m.pb.Variables {
		name := m.variable(v.Name.Value)
		kind := nativeType(v.Type.Value)
		given := v.External
		if !given || m.written[v.Name.Value] {
			m.top.known[v.Name.Value] = holder{"vars." + name, kind, v.Type.Value}
		} else {
			m.top.known[v.Name.Value] = holder{"inputs." + name, kind, v.Type.Value}
		}
		switch {
		case given && m.written[v.Name.Value]:
			inputs.put(name, input(v, kind))
			set = append(set, member{name, "${{ inputs." + name + " }}"})
		case m.untouched(v) != nil:
			declared := treeOf(m.untouched(v))
			inputs.put(name, declared)
			if o, ok := declared.(object); ok {
				kind, _ = o.get("type").(string)
				m.top.known[v.Name.Value] = holder{"inputs." + name, orElse(kind, "string"), v.Type.Value}
			}
		case given:
			inputs.put(name, input(v, kind))
		default:
			set = append(set, member{name, settled(v.Value, kind)})
		}
	}
	if len(set) > 0 {
		first = append(first, m.assign(m.fresh("variables"), "The playbook's variables", set))
	}
	return inputs, first
}

// untouched is the declaration of an input in the runbook that the playbook
// carries, if the playbook says the same of it.
func (m *importer) untouched(v *cacao.Variable) *runbook.Value {
	if m.origin == nil {
		return nil
	}
	return m.origin.inputs[v.Name.Value].Value
}

func (m *importer) assign(id, title string, set object) *draft {
	d := &draft{}
	d.fields.put("id", id)
	d.fields.put("title", title)
	d.fields.put("set", set)
	return d
}

// input declares what a caller gives.
func input(v *cacao.Variable, kind string) object {
	var o object
	o.put("type", kind)
	switch value := typed(v.Value, kind); {
	case v.Value == nil:
		o.put("required", true)
	case v.Value.Kind == runbook.Null: // not known, and nobody needs to say
	default:
		o = append(o, member{"default", value})
	}
	about := v.Description.Value
	if foreign := foreignType(v.Type.Value); foreign != "" {
		about = sentence(about, foreign)
	}
	o.put("description", about)
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

func foreignType(kind string) string {
	if nativeType(kind) != "string" || kind == "string" || kind == "" {
		return ""
	}
	return "Type in the playbook: " + kind
}

// typed is a value of a playbook as one of the runbook's. The standard writes
// numbers as text.
func typed(v *runbook.Value, kind string) any {
	if v == nil || v.Kind == runbook.Null {
		return nil
	}
	if v.Kind != runbook.StringValue {
		return treeOf(v)
	}
	switch kind {
	case "int":
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n
		}
	case "bool":
		if v.Text == "true" || v.Text == "false" {
			return v.Text == "true"
		}
	}
	return v.Text
}

// settled is typed for a set step, whose texts may hold expressions.
func settled(v *runbook.Value, kind string) any {
	switch value := typed(v, kind).(type) {
	case string:
		return escape(value)
	default:
		return value
	}
}

// inner is the scope of a step with variables of its own, and the step that
// gives them their first values.
func (m *importer) inner(d *draft, s *cacao.Step, in *scope) (*scope, object) {
	if len(s.Variables) == 0 {
		return in, nil
	}
	own := &scope{known: map[string]holder{}, outer: in}
	var set object
	for _, v := range s.Variables {
		name := m.variable(v.Name.Value)
		if _, hides := in.lookup(v.Name.Value); hides {
			d.remarks = append(d.remarks, m.remark(d.id(), "its own variable "+v.Name.Value+" hides the one around it; here it is vars."+name))
		}
		own.known[v.Name.Value] = holder{"vars." + name, nativeType(v.Type.Value), v.Type.Value}
		if v.Value == nil && s.Kind == cacao.KindAction && !reads(s, v.Name.Value) {
			continue // the step only writes it
		}
		set = append(set, member{name, settled(v.Value, nativeType(v.Type.Value))})
	}
	return own, set
}

// reads reports whether a command of a step reads a variable.
func reads(s *cacao.Step, name string) bool {
	for _, c := range s.Commands {
		if slices.Contains(reference.Names(strings.Join(commandTexts(c), "\n"), func(one string) bool { return one == name }), name) {
			return true
		}
	}
	return false
}

// variable is a fresh name for a variable.
func (m *importer) variable(name string) string {
	base := strings.ReplaceAll(slug(strings.Trim(name, "_"), "v"), "-", "_")
	return unique(base, "_", m.names)
}

// has reports whether there is a variable of a name.
func (s *scope) has(name string) bool {
	_, ok := s.lookup(name)
	return ok
}

// text turns a text of the playbook into one of the runbook: references
// become expressions, and nothing else does.
func (m *importer) text(s string, in *scope) string {
	var b strings.Builder
	last := 0
	for _, p := range reference.Find(s, in.has) {
		h, ok := in.lookup(p.Name)
		if !ok {
			continue
		}
		before := escape(s[last:p.Start])
		plain := strings.TrimRight(before, "$")
		b.WriteString(plain)
		if dollars := before[len(plain):]; dollars != "" { // $ before an expression would escape it
			b.WriteString("${{ '" + dollars + "' + string(" + h.path + ") }}")
		} else {
			b.WriteString("${{ " + h.path + " }}")
		}
		last = p.End
	}
	return b.String() + escape(s[last:])
}

// escape keeps a text from being taken for an expression.
func escape(s string) string { return strings.ReplaceAll(s, "${{", "$${{") }

// span is a number of milliseconds as a duration.
func span(ms int64) string {
	text := (time.Duration(ms) * time.Millisecond).String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}

// notKebab is what the id of a step cannot hold.
var notKebab = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a name of any text.
func slug(text, otherwise string) string {
	s := strings.Trim(notKebab.ReplaceAllString(strings.ToLower(text), "-"), "-")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = strings.Trim(otherwise+"-"+s, "-")
	}
	return strings.TrimRight(s[:min(len(s), 48)], "-")
}

func unique(base, joint string, taken map[string]bool) string {
	name := base
	for i := 2; taken[name]; i++ {
		name = base + joint + strconv.Itoa(i)
	}
	taken[name] = true
	return name
}

// fresh is an id for a step that the playbook does not have.
func (m *importer) fresh(base string) string { return unique(base, "-", m.taken) }

// idOf is an id for a step of the playbook: of its name, if it has one.
func (m *importer) idOf(s *cacao.Step) string {
	if m.origin != nil && m.origin.steps[s.ID.Value] != nil && !m.placed[s.ID.Value] {
		m.placed[s.ID.Value] = true
		return m.origin.steps[s.ID.Value].ID.Value
	}
	return m.fresh(slug(s.Name.Value, string(s.Kind)))
}
