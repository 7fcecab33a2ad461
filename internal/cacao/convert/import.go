package convert

import (
	"cmp"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Rules are what an import needs to know besides the playbook.
type Rules struct {
	// Name is what the runbook is to be called; empty makes one of the
	// playbook's name.
	Name string
	// Bindings say where the results of commands come from; nil says nothing.
	Bindings *cacao.Bindings
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

// Import writes the runbook that [Translate] makes of a playbook, with what it
// does not say in comments. The playbook must be without errors; the bytes
// depend on it and the rules alone.
func Import(pb *cacao.Playbook, r Rules) Runbook {
	s := newShared(Deps{})
	m := s.translator(pb, r.Bindings, nil)
	m.importing = &r
	if o := readOrigin(pb, r); o != nil {
		if o.same {
			return Runbook{Source: o.source, Carried: true}
		}
		m.origin = o
		for _, s := range o.steps {
			m.taken[idOf(s)] = true // kept for them
		}
		m.remark("", "the playbook was made by irctl and has been changed since; this runbook is made of its steps, and what is untouched is as it was in the runbook that the playbook carries")
	}
	head := m.document()
	m.lost()
	for _, d := range s.found {
		m.remark("", d.Summary)
	}
	y := yaml{asides: s.asides}
	for _, p := range head.Pairs {
		switch p.Key.Value {
		case "inputs":
			y.WriteString("\n" + text(0, p))
		case "steps":
			y.WriteString("\nsteps:\n")
			y.steps(2, p.Value.Items)
		default:
			y.WriteString(text(0, p))
		}
	}
	var top yaml
	m.preface(&top, fingerprint([]byte(y.String())))
	return Runbook{Source: []byte(top.String() + y.String()), Remarks: m.remarks}
}

// preface is the comment at the top: where the runbook comes from and what it
// does not say.
func (m *translator) preface(y *yaml, print string) {
	pb := m.pb
	y.comment(0, "", "Made of a CACAO playbook by irctl runbook import.")
	y.comment(0, "", "playbook: "+pb.ID.Value)
	y.comment(0, "", "version: "+pb.Modified.Value+", created "+pb.Created.Value+" by "+pb.CreatedBy.Value)
	y.WriteString(printLine + print + "\n")
	for _, line := range markingLines(pb) {
		y.comment(0, "", "marking: "+line)
	}
	for _, r := range pb.ExternalReferences {
		y.comment(0, "", "see: "+referenceLine(r))
	}
	for _, key := range []string{"derived_from", "related_to", "playbook_types", "playbook_activities", "priority", "severity", "impact", "industry_sectors"} {
		if v := pb.Tree.Get(key); v != nil {
			y.comment(0, "", key+": "+compact(v))
		}
	}
	if len(m.remarks) == 0 {
		y.WriteByte('\n')
		return
	}
	y.WriteString("#\n")
	y.comment(0, "", "What this runbook does not say, or says otherwise than the playbook; the same stands at the steps:")
	for _, r := range m.remarks {
		y.comment(0, "- ", r.String())
	}
	y.WriteByte('\n')
}

// markingLines are a playbook's data markings, in words.
func markingLines(pb *cacao.Playbook) []string {
	return each.Of(pb.Markings, func(id runbook.Text) string {
		d := marking(pb, id)
		if level := textOf(d, "tlp"); level != "" {
			return "IEP " + textOf(d, "name") + ", TLP:" + level
		}
		return cmp.Or(textOf(d, "statement"), textOf(d, "tlpv2_level"), id.Value)
	})
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
func (m *translator) lost() {
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
