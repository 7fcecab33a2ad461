package convert

import (
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

// Rules are what an import needs to know besides the playbook.
type Rules struct {
	// Name is what the runbook is to be called; empty makes one of the
	// playbook's name.
	Name string
	// Bindings say where the results of commands come from; nil says nothing.
	Bindings *cacao.Bindings
	// Knows reports whether irctl has an action of a name; nil knows none.
	Knows func(action string) bool
	// Called finds the runbook that a playbook was exported from, by the
	// playbook's id; nil finds none.
	Called func(id string) *runbook.Runbook
	// Summary and Callee are those of [Options]: a runbook that the playbook
	// carries is exported again, to compare.
	Summary func(action string) string
	Callee  func(name string) *runbook.Runbook
}

// Runbook is a playbook as a runbook.
type Runbook struct {
	Source []byte // YAML
	// Carried says that the playbook was made by irctl and carries the runbook
	// itself, which is what Source is.
	Carried bool
	// Remarks are what the runbook does not say, or says otherwise; they stand
	// in Source, too.
	Remarks []Note
}

// Import writes a playbook, which must be without errors, as a runbook. The
// bytes depend on the playbook and the rules alone.
func Import(pb *cacao.Playbook, r Rules) Runbook {
	m := newImporter(pb, r)
	if o := readOrigin(pb, r); o != nil {
		if o.same {
			return Runbook{Source: o.source, Carried: true}
		}
		m.origin = o
		for _, s := range o.steps {
			m.taken[s.ID.Value] = true // kept for them
		}
		m.remark("", "the playbook was made by irctl and has been changed since; this runbook is made of its steps, and what is untouched is as it was in the runbook that the playbook carries")
	}
	return Runbook{Source: m.runbook(), Remarks: m.remarks}
}

// importer makes one runbook.
type importer struct {
	pb      *cacao.Playbook
	rules   Rules
	origin  *origin         // nil: the playbook is not of irctl's making
	placed  map[string]bool // steps of the origin that stand in the runbook
	steps   map[string]*cacao.Step
	taken   map[string]bool   // step ids of the runbook
	names   map[string]bool   // variables and inputs of the runbook
	written map[string]bool   // variables that a step writes
	targets map[string]string // id of an agent or target -> its name in the environment
	top     *scope
	made    int
	remarks []Note
}

func newImporter(pb *cacao.Playbook, r Rules) *importer {
	m := &importer{
		pb: pb, rules: r, steps: map[string]*cacao.Step{}, taken: map[string]bool{}, names: map[string]bool{},
		written: map[string]bool{}, targets: map[string]string{}, placed: map[string]bool{},
	}
	for _, s := range pb.Steps {
		m.steps[s.ID.Value] = s
		for _, o := range s.Out {
			m.written[o.Value] = true
		}
	}
	return m
}

// remark notes what the runbook does not say. It returns the text, to stand at
// the step as well.
func (m *importer) remark(step, text string) string {
	m.remarks = append(m.remarks, Note{step, text})
	return text
}

// runbook writes the whole file.
func (m *importer) runbook() []byte {
	var head object
	head.put("irctl", "v1")
	head.put("name", m.name())
	head.put("title", m.pb.Name.Value)
	head.put("description", m.pb.Description.Value)
	var tags []any
	for _, l := range m.pb.Labels {
		if strings.TrimSpace(l.Value) != "" {
			tags = append(tags, l.Value)
		}
	}
	head.put("tags", tags)
	inputs, first := m.variables()
	head.put("inputs", inputs)

	start := m.steps[m.pb.Start.Value]
	steps := append(first, m.main(start)...)
	m.lost()

	var y yaml
	for _, f := range head {
		if f.key == "inputs" {
			y.WriteString("\ninputs:\n")
			for _, in := range f.value.(object) {
				y.WriteString("  ")
				y.member(2, in)
			}
			continue
		}
		y.member(0, f)
	}
	y.WriteString("\nsteps:\n")
	y.steps(2, steps)
	var top yaml
	m.preface(&top, fingerprint([]byte(y.String())))
	return []byte(top.String() + y.String())
}

// name is the runbook's.
func (m *importer) name() string {
	if m.rules.Name != "" {
		return m.rules.Name
	}
	return slug(m.pb.Name.Value, "playbook")
}

// preface is the comment at the top: where the runbook comes from and what it
// does not say.
func (m *importer) preface(y *yaml, print string) {
	pb := m.pb
	y.comment(0, "Made of a CACAO playbook by irctl runbook import.")
	y.comment(0, "playbook: "+pb.ID.Value)
	y.comment(0, "version: "+pb.Modified.Value+", created "+pb.Created.Value+" by "+pb.CreatedBy.Value)
	y.line(0, "%s%s", printLine, print)
	for _, line := range markingLines(pb) {
		y.comment(0, "marking: "+line)
	}
	for _, r := range pb.ExternalReferences {
		y.comment(0, "see: "+referenceLine(r))
	}
	for _, key := range []string{"derived_from", "related_to", "playbook_types", "playbook_activities", "priority", "severity", "impact", "industry_sectors"} {
		if v := pb.Tree.Get(key); v != nil {
			y.comment(0, key+": "+string(compact(treeOf(v))))
		}
	}
	if len(m.remarks) == 0 {
		y.WriteByte('\n')
		return
	}
	y.WriteString("#\n")
	y.comment(0, "What this runbook does not say, or says otherwise than the playbook; the same stands at the steps:")
	for _, r := range m.remarks {
		y.item(r.String())
	}
	y.WriteByte('\n')
}

// markingLines are a playbook's data markings, in words.
func markingLines(pb *cacao.Playbook) []string {
	var out []string
	for _, id := range pb.Markings {
		line := id.Value
		for _, d := range pb.MarkingDefs {
			if d.ID.Value != id.Value {
				continue
			}
			switch {
			case d.Level.Given():
				line = d.Level.Value
			case d.Statement.Given():
				line = d.Statement.Value
			case d.Tree.Get("tlp") != nil:
				line = "IEP " + d.Tree.Get("name").Text + ", TLP:" + d.Tree.Get("tlp").Text
			}
		}
		out = append(out, line)
	}
	return out
}

// referenceLine is an external reference on one line.
func referenceLine(v *runbook.Value) string {
	var parts []string
	for _, key := range []string{"name", "external_id", "url"} {
		if p := v.Get(key); p != nil && p.Text != "" {
			parts = append(parts, p.Text)
		}
	}
	return strings.Join(parts, ", ")
}

// lost notes what a playbook says about itself and a runbook has no word for.
func (m *importer) lost() {
	pb := m.pb
	for _, f := range []struct {
		given bool
		text  string
	}{
		{pb.Revoked, "the playbook is revoked: its maker says that it is not valid any more"},
		{pb.ValidFrom.Given() || pb.ValidUntil.Given(), "the playbook is valid " + window(pb) + "; a runbook has no such limit"},
		{len(pb.Signatures) > 0, "the playbook is signed; the signature is for the playbook and says nothing about this file"},
		{len(pb.Authentications) > 0, "the playbook has credentials; the environment's targets hold references to them instead"},
	} {
		if f.given {
			m.remark("", f.text)
		}
	}
	for _, p := range pairsOf(pb.Extensions) {
		if p.Key.Value != extensionID {
			m.remark("", "the playbook's extension "+p.Key.Value+" has no meaning here")
		}
	}
}

func window(pb *cacao.Playbook) string {
	var parts []string
	if pb.ValidFrom.Given() {
		parts = append(parts, "from "+pb.ValidFrom.Value)
	}
	if pb.ValidUntil.Given() {
		parts = append(parts, "until "+pb.ValidUntil.Value)
	}
	return strings.Join(parts, " ")
}
