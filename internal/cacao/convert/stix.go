package convert

import (
	"regexp"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/stix"
)

// condition makes an if or a while. A condition that cannot be said in an
// expression is asked of a person: before the step, and in a loop again at the
// end of every round.
func (m *importer) condition(d *draft, s *cacao.Step, in *scope, key string, branches func()) {
	if text, ok := m.translated(s.Condition.Text, in); ok {
		d.fields.put(key, "${{ "+text+" }}")
		branches()
		return
	}
	name := m.variable(d.id())
	d.remarks = append(d.remarks, m.remark(d.id(), "its condition "+s.Condition.Text+" is asked of a person"))
	ask := func(part string) []*draft {
		q := &draft{}
		id := m.fresh(d.id() + "-" + part)
		q.fields.put("id", id)
		q.fields.put("manual", "Does this hold? "+m.text(s.Condition.Text, in))
		q.fields.put("outputs", object{{"holds", "bool"}})
		return []*draft{q, m.assign(m.fresh(id+"-note"), "Note the answer", object{{name, "${{ steps." + id + ".outputs.holds }}"}})}
	}
	question := ask("question")
	block := &draft{}
	block.fields.put("id", m.fresh(d.id()+"-"+key))
	block.fields.put(key, "${{ vars."+name+" }}")
	outer := d.fields
	d.fields = block.fields
	branches()
	if do, ok := d.fields.get("do").([]*draft); ok {
		d.fields.set("do", append(do, ask("question-again")...))
	}
	block.fields, d.fields = d.fields, outer
	d.fields.put("steps", append(question, block))
}

var (
	stixComparison = regexp.MustCompile(`^(__[a-zA-Z][a-zA-Z0-9_-]*?__):value\s*(=|!=|<=|>=|<|>)\s*('[^'\\]*'|-?[0-9]+(?:\.[0-9]+)?|true|false)$`)
	stixSet        = regexp.MustCompile(`^(__[a-zA-Z][a-zA-Z0-9_-]*?__):value\s+IN\s*\(\s*('[^'\\]*'(?:\s*,\s*'[^'\\]*')*)\s*\)$`)
	stixSingle     = regexp.MustCompile(`^(NOT\s+)?(__[a-zA-Z][a-zA-Z0-9_-]*?__):value$`)
	stixJoint      = regexp.MustCompile(`\s+(AND|OR)\s+`)
)

// translated turns a condition of the standard into an expression. A row of
// plain comparisons is written as a person would; what else the standard has
// needs the functions that playbooks are run with.
func (m *importer) translated(text string, in *scope) (string, bool) {
	if plain, ok := m.plain(text, in); ok {
		return plain, true
	}
	node, problem := stix.Parse(text)
	if problem != nil {
		return "", false
	}
	out, problems := stix.Translate(node, func(name stix.Operand) (stix.Known, *stix.Problem) {
		h, ok := in.lookup(name.Text)
		if !ok {
			return stix.Known{}, &stix.Problem{Start: name.Start, End: name.End, Message: "the variable is not declared"}
		}
		return stix.Known{Expr: h.path, Type: h.foreign}, nil
	})
	return out, len(problems) == 0
}

// plain turns a row of plain comparisons into an expression.
func (m *importer) plain(text string, in *scope) (string, bool) {
	text = strings.TrimSpace(text)
	joints := stixJoint.FindAllStringSubmatch(text, -1)
	pieces := stixJoint.Split(text, -1)
	for i, p := range pieces {
		one, ok := m.comparison(p, in)
		if !ok || i > 0 && i <= len(joints) && joints[i-1][1] != joints[0][1] {
			return "", false
		}
		pieces[i] = one
	}
	joint := " && "
	if len(joints) > 0 && joints[0][1] == "OR" {
		joint = " || "
	}
	return strings.Join(pieces, joint), true
}

func (m *importer) comparison(text string, in *scope) (string, bool) {
	if f := stixComparison.FindStringSubmatch(text); f != nil {
		h, ok := in.lookup(f[1])
		op := f[2]
		if op == "=" {
			op = "=="
		}
		literal, fits := f[3], false
		switch {
		case literal[0] == '\'':
			fits = h.kind == "string"
		case literal == "true" || literal == "false":
			fits = h.kind == "bool"
		case strings.Contains(literal, "."):
			fits = h.kind == "float"
		default:
			fits = h.kind == "int"
		}
		return h.path + " " + op + " " + literal, ok && fits
	}
	if f := stixSet.FindStringSubmatch(text); f != nil {
		h, ok := in.lookup(f[1])
		return h.path + " in [" + f[2] + "]", ok && h.kind == "string"
	}
	if f := stixSingle.FindStringSubmatch(text); f != nil {
		h, ok := in.lookup(f[2])
		not := ""
		if f[1] != "" {
			not = "!"
		}
		return not + h.path, ok && h.kind == "bool"
	}
	return "", false
}
