package cacao

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// SpecVersion is the version of CACAO that irctl runs.
const SpecVersion = "cacao-2.0"

// Parse reads a playbook and finds everything that is wrong with it by itself:
// what its file says, how its steps hang together. The playbook is nil if the
// file is not the JSON of a playbook of version 2.0; with errors it holds what
// could be read. What other files add (environment, bindings, called
// playbooks) is for package convert.
func Parse(file string, src []byte) (*Playbook, runbook.Diagnostics) {
	tree, found := readJSON(file, src)
	if tree == nil {
		return nil, found
	}
	r := &reader{found: found}
	if !r.version(tree) {
		return nil, r.found
	}
	pb := r.playbook(file, src, tree)
	if pb == nil {
		return nil, r.found
	}
	c := &checker{reader: r, pb: pb}
	c.all()
	return pb, r.found
}

var OtherVersion = codes.Error("IR0703", "not a playbook of CACAO 2.0",
	"irctl runs CACAO Security Playbooks of version 2.0. Version 1 has other types of steps, commands and agents; no program can tell what such a playbook would mean in version 2.0.")

// version reports what is not a playbook of version 2.0.
func (r *reader) version(tree *runbook.Value) bool {
	if tree.Kind != runbook.MapValue {
		r.report(WrongShape, tree.Span, "", "a playbook must be an object, not %s", shape(tree))
		return false
	}
	o := &object{r, "the playbook", tree}
	kind, version := tree.Get("type"), o.text("spec_version")
	switch {
	case strings.HasPrefix(version.Value, "1.") || strings.HasPrefix(version.Value, "cacao-1."):
		r.report(OtherVersion, version.Span, "CACAO 2.0 changed steps, commands and agents in ways that no program can guess; have the playbook written in cacao-2.0", "the playbook is written in CACAO version 1, which irctl does not run")
	case kind == nil || kind.Text != "playbook":
		at := o.begin()
		if kind != nil {
			at = kind.Span
		}
		r.report(OtherVersion, at, `a playbook has "type": "playbook"`, "this is not a CACAO playbook")
	case !version.Given():
		o.require("spec_version")
	case version.Value != SpecVersion:
		r.report(OtherVersion, version.Span, `irctl runs "spec_version": "cacao-2.0"`, "irctl does not know the version %q of CACAO", short(version.Value))
	default:
		return true
	}
	return false
}

var playbookProperties = []string{
	"type", "spec_version", "id", "name", "description", "playbook_types", "playbook_activities", "playbook_processing_summary",
	"created_by", "created", "modified", "revoked", "valid_from", "valid_until", "derived_from", "related_to",
	"priority", "severity", "impact", "industry_sectors", "labels", "external_references", "markings", "playbook_variables",
	"workflow_start", "workflow_exception", "workflow", "playbook_extensions", "authentication_info_definitions",
	"agent_definitions", "target_definitions", "extension_definitions", "data_marking_definitions", "signatures",
}

func (r *reader) playbook(file string, src []byte, tree *runbook.Value) *Playbook {
	o := r.object(tree, "the playbook", playbookProperties...)
	o.require("id", "name", "created_by", "created", "modified", "workflow_start", "workflow")
	pb := &Playbook{
		File: file, Source: src, Tree: tree,
		ID: o.id("id"), Name: o.text("name"), Description: o.text("description"), CreatedBy: o.id("created_by"),
		Created: o.time("created"), Modified: o.time("modified"), ValidFrom: o.time("valid_from"), ValidUntil: o.time("valid_until"),
		Revoked: o.bool("revoked"),
		Types:   o.texts("playbook_types"), Activities: o.texts("playbook_activities"),
		Labels: o.texts("labels"), Sectors: o.texts("industry_sectors"),
		DerivedFrom: o.ids("derived_from"), RelatedTo: o.ids("related_to"), Markings: o.ids("markings"),
		Priority: o.whole("priority", 0, 100), Severity: o.whole("severity", 0, 100), Impact: o.whole("impact", 0, 100),
		Summary:   r.summary(o.get("playbook_processing_summary")),
		Variables: r.variables(o, "playbook_variables"),
		Start:     o.id("workflow_start"), Exception: o.id("workflow_exception"),
		Extensions: r.extensions(o, "playbook_extensions"), ExternalReferences: r.references(o), Signatures: o.items("signatures"),
	}
	for _, p := range o.entries("workflow") {
		if s := r.step(p); s != nil {
			pb.Steps = append(pb.Steps, s)
		}
	}
	pb.Agents, pb.Targets = r.actors(o, "agent_definitions"), r.actors(o, "target_definitions")
	r.definitions(o, pb)
	return pb
}

var summaryFlags = []string{
	"manual_playbook", "external_playbooks", "parallel_processing", "if_logic", "while_logic", "switch_logic", "temporal_logic",
	"data_markings", "digital_signatures", "countersigned_signatures", "extensions",
}

func (r *reader) summary(v *runbook.Value) *Summary {
	o := r.object(v, "the processing summary", summaryFlags...)
	if o == nil {
		return nil
	}
	s := &Summary{Span: v.Span}
	for _, p := range v.Pairs {
		if slices.Contains(summaryFlags, p.Key.Value) {
			s.Flags = append(s.Flags, Flag{p.Key, o.bool(p.Key.Value)})
		}
	}
	return s
}

func (r *reader) variables(o *object, name string) []*Variable {
	var out []*Variable
	for _, p := range o.entries(name) {
		v := r.object(p.Value, "the variable "+short(p.Key.Value), "type", "description", "value", "constant", "external")
		if v == nil {
			continue
		}
		v.require("type")
		one := &Variable{
			Name: p.Key, Type: v.text("type"), Description: v.text("description"), Value: v.get("value"),
			Constant: v.bool("constant"), External: v.bool("external"), Span: p.Value.Span,
		}
		if val := one.Value; val != nil && val.Kind != runbook.StringValue && val.Kind != runbook.Null && val.Kind != runbook.MapValue {
			r.report(WrongShape, val.Span, "a number or a bool is written as a text, in double quotes", "the value of a variable must be a text, null or an object, not %s", shape(val))
			one.Value = nil
		}
		out = append(out, one)
	}
	return out
}

// extensions returns an object whose keys are ids of extension definitions.
func (r *reader) extensions(o *object, name string) *runbook.Value {
	for _, p := range o.entries(name) {
		r.identifier(p.Key)
	}
	return o.get(name)
}

func (r *reader) references(o *object) []*runbook.Value {
	items := o.items("external_references")
	for _, v := range items {
		r.object(v, "an external reference", "name", "description", "source", "url", "external_id", "reference_id").require("name")
	}
	return items
}

// definitions reads the dictionaries that irctl keeps but does not act on.
func (r *reader) definitions(o *object, pb *Playbook) {
	for _, p := range o.entries("authentication_info_definitions") {
		r.identifier(p.Key)
		a := r.object(p.Value, "the authentication info")
		a.require("type")
		pb.Authentications = append(pb.Authentications, &Authentication{p.Key, a.text("type"), p.Value})
	}
	for _, p := range o.entries("extension_definitions") {
		r.identifier(p.Key)
		r.object(p.Value, "the extension definition", "type", "name", "description", "created_by", "schema", "version", "external_references").
			require("type", "name", "created_by", "schema", "version")
		pb.ExtensionDefs = append(pb.ExtensionDefs, &Object{p.Key, p.Value})
	}
	for _, p := range o.entries("data_marking_definitions") {
		r.identifier(p.Key)
		if m := r.marking(p); m != nil {
			pb.MarkingDefs = append(pb.MarkingDefs, m)
		}
	}
}

var markingProperties = []string{
	"type", "id", "name", "description", "created_by", "created", "revoked", "valid_from", "valid_until", "labels", "external_references", "marking_extensions", "markings",
}

var markingOwn = map[string][]string{
	"marking-tlp":       {"tlpv2_level"},
	"marking-statement": {"statement"},
	"marking-iep": {"tlp", "iep_version", "start_date", "end_date", "encrypt_in_transit", "permitted_actions", "affected_party_notifications",
		"attribution", "unmodified_resale"},
}

func (r *reader) marking(p runbook.Pair) *Marking {
	what := "the data marking"
	kind := textOf(p.Value.Get("type"))
	own, known := markingOwn[kind.Value]
	var o *object
	if known {
		o = r.object(p.Value, what, slices.Concat(markingProperties, own)...)
	} else if o = r.object(p.Value, what); kind.Given() {
		r.report(UnknownWord, kind.Span, "it is marking-statement, marking-tlp or marking-iep", "there is no data marking of type %q", short(kind.Value))
	}
	if o == nil {
		return nil
	}
	o.require("type", "id", "created_by", "created")
	o.require(own...)
	m := &Marking{ID: p.Key, Type: kind, Tree: p.Value, Level: o.text("tlpv2_level"), Statement: o.text("statement"), Markings: o.ids("markings")}
	levels := []string{"TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:GREEN", "TLP:CLEAR"}
	if m.Level.Given() && !slices.Contains(levels, m.Level.Value) {
		r.report(UnknownWord, m.Level.Span, "it is one of "+strings.Join(levels, ", "), "there is no TLP level %q", short(m.Level.Value))
	}
	return m
}
